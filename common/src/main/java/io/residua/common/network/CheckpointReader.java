package io.residua.common.network;

import io.residua.common.event.ModelManifest;
import io.residua.common.pytorch.PytorchCheckpoint;
import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads checkpoints of either kind, told apart by their first bytes. */
final class CheckpointReader {
    private static final int HEAD = Long.BYTES + 1;
    private static final int PICKLE_PROTOCOL = 0x80;

    private CheckpointReader() {}

    static Checkpoint read(Path path) throws IOException {
        boolean folder = Files.isDirectory(path);
        Path file = folder ? path.resolve(ModelManifest.CHECKPOINT) : path;
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist" + (folder ? ModelPathHint.of(path) : ""));
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(HEAD);
        }
        if (head.length == HEAD && head[0] == 'P' && head[1] == 'K') {
            PytorchCheckpoint read = PytorchCheckpoint.read(file);
            return checkpoint(file, read.stateDict(), read.metadata());
        }
        if (head.length == HEAD && head[HEAD - 1] == '{') {
            Safetensors read = Safetensors.read(file);
            if (read.metadata().containsKey(Checkpoint.UNFIT)) {
                throw new IOException(
                        file + " is no checkpoint: " + read.metadata().get(Checkpoint.UNFIT));
            }
            return checkpoint(file, read.tensors(), read.metadata());
        }
        boolean pickle = head.length > 0 && Byte.toUnsignedInt(head[0]) == PICKLE_PROTOCOL;
        throw new IOException(file
                + (pickle
                        ? " is a bare pickle, as PyTorch wrote before 1.6; load it with a newer one and save it again"
                        : " is no checkpoint: expected a safetensors file, or a .pth file that torch.save wrote"));
    }

    private static Checkpoint checkpoint(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        try {
            NetworkConfig network = NetworkWeights.network(tensors);
            Map<String, Tensor> weights = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> weights.put(name, ofType(tensor, NetworkWeights.type(name))));
            Checkpoint checkpoint = new Checkpoint(network, weights, metadata);
            weights.forEach(CheckpointReader::requireFinite);
            return checkpoint;
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is no checkpoint of an RQ-VAE: " + e.getMessage(), e);
        }
    }

    /** Floating-point numbers as float32, whole ones as int64; those of the wrong kind stay, to be refused. */
    private static Tensor ofType(Tensor tensor, DType expected) {
        if (tensor.dtype() == expected || tensor.dtype().isFloat() != expected.isFloat()) {
            return tensor;
        }
        return expected.isFloat()
                ? Tensor.of(tensor.floats(), tensor.shape())
                : Tensor.of(tensor.longs(), tensor.shape());
    }

    private static void requireFinite(String name, Tensor tensor) {
        if (tensor.dtype().isFloat()) {
            for (float element : tensor.floats()) {
                if (!Float.isFinite(element)) {
                    throw new IllegalArgumentException(
                            "tensor '" + name + "' holds " + element + ", expected finite numbers");
                }
            }
        }
    }
}
