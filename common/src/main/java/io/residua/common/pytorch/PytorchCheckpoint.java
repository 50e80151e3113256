package io.residua.common.pytorch;

import io.residua.common.event.Json;
import io.residua.common.pytorch.PickledTypes.Namespace;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code torch.save} wrote of a model (PyTorch 1.6 or newer): either a state dict, or a dict that holds it under
 * {@code state_dict} beside the options of training, the optimiser and figures. Reading runs nothing that the file says:
 * a type that is not on a closed list is refused.
 *
 * @param stateDict the model's tensors by name: F32, or I64 where PyTorch had no floating-point numbers
 * @param metadata everything beside them that is a number, a truth value or a text, and the options as a JSON object
 *     under {@code args}
 */
public record PytorchCheckpoint(Map<String, Tensor> stateDict, Map<String, String> metadata) {
    private static final String STATE_DICT = "state_dict";

    public PytorchCheckpoint {
        stateDict = Collections.unmodifiableMap(new LinkedHashMap<>(stateDict));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /**
     * Reads a file.
     *
     * @throws IOException naming the file and what is wrong with it or refused in it
     */
    public static PytorchCheckpoint read(Path file) throws IOException {
        try (TorchArchive archive = new TorchArchive(file)) {
            if (!(CheckpointUnpickler.read(archive.pickle()) instanceof Map<?, ?> saved)) {
                throw new IOException("it holds no dict");
            }
            Object state = saved.containsKey(STATE_DICT) ? saved.get(STATE_DICT) : saved;
            if (!(state instanceof Map<?, ?> tensors)) {
                throw new IOException("its " + STATE_DICT + " is no dict");
            }
            return new PytorchCheckpoint(tensors(archive, tensors), metadata(saved));
        } catch (IOException e) {
            throw new IOException(file + " cannot be read as a PyTorch checkpoint: " + e.getMessage(), e);
        }
    }

    private static Map<String, Tensor> tensors(TorchArchive archive, Map<?, ?> state) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : state.entrySet()) {
            if (!(entry.getKey() instanceof String name && entry.getValue() instanceof StoredTensor stored)) {
                throw new IOException("expected a state dict, or one under '" + STATE_DICT + "', but '" + entry.getKey()
                        + "' is no tensor");
            }
            try {
                tensors.put(name, archive.read(stored));
            } catch (IOException e) {
                throw new IOException("tensor '" + name + "' " + e.getMessage(), e);
            }
        }
        return tensors;
    }

    private static Map<String, String> metadata(Map<?, ?> saved) {
        Map<String, String> metadata = new LinkedHashMap<>();
        saved.forEach((name, value) -> {
            if (name instanceof String key && value instanceof Namespace options) {
                metadata.put(key, new String(Json.write(plain(options)), StandardCharsets.UTF_8));
            } else if (name instanceof String key && isPlain(value)) {
                metadata.put(key, String.valueOf(value));
            }
        });
        return metadata;
    }

    private static Map<String, Object> plain(Namespace options) {
        Map<String, Object> plain = new TreeMap<>();
        options.values().forEach((name, value) -> {
            if (isPlain(value)
                    || (value instanceof List<?> list && list.stream().allMatch(PytorchCheckpoint::isPlain))) {
                plain.put(name, value);
            }
        });
        return plain;
    }

    private static boolean isPlain(Object value) {
        return value instanceof Number || value instanceof Boolean || value instanceof String;
    }
}
