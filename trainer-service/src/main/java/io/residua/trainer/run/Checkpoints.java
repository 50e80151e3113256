package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import io.residua.common.event.Json;
import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import io.residua.trainer.model.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a run keeps in its folder: {@code state.safetensors} to go on from, with all arrays and, as its metadata, the
 * {@link RunState}; and {@code best.safetensors}, the weights to publish. Neither is folded. Each is replaced in one
 * step, so a kill while writing costs nothing but the time since the one before.
 */
final class Checkpoints {
    private static final String STATE = "state";

    private final Path folder;

    Checkpoints(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Keeps the state. */
    void saveState(RunState state, Map<String, NDArray> arrays) {
        String json = new String(Json.write(state), StandardCharsets.UTF_8);
        write(folder.resolve("state.safetensors"), tensors(arrays), Map.of(STATE, json));
    }

    /**
     * Puts the kept state's arrays back into {@code arrays}.
     *
     * @return the kept state, or nothing if there is none
     * @throws IllegalArgumentException if it is of other options or other data
     */
    Optional<RunState> restoreState(RunState initial, Map<String, NDArray> arrays) throws IOException {
        Path file = folder.resolve("state.safetensors");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Safetensors saved = Safetensors.read(file);
        RunState state = Json.read(saved.metadata().get(STATE).getBytes(StandardCharsets.UTF_8), RunState.class);
        if (!state.options().equals(initial.options())) {
            throw new IllegalArgumentException(
                    file + " is of a run with other options: " + state.options() + ", expected " + initial.options());
        }
        if (state.fingerprint() != initial.fingerprint()) {
            throw new IllegalArgumentException(file + " is of a run with other data");
        }
        arrays.forEach((name, array) -> copy(saved.tensor(name), array));
        return Optional.of(state);
    }

    /** Keeps the weights as the best so far. */
    void saveBest(Weights weights) {
        write(folder.resolve("best.safetensors"), tensors(arrays(weights)), Map.of());
    }

    /** Puts the best weights back. */
    void restoreBest(Weights weights) throws IOException {
        Safetensors saved = Safetensors.read(folder.resolve("best.safetensors"));
        arrays(weights).forEach((name, array) -> copy(saved.tensor(name), array));
    }

    /** All weights by name. */
    static Map<String, NDArray> arrays(Weights weights) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights.names().forEach(name -> arrays.put(name, weights.get(name)));
        return arrays;
    }

    private static Map<String, Tensor> tensors(Map<String, NDArray> arrays) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            ByteBuffer bytes = array.toByteBuffer(false);
            DType type =
                    switch (array.getDataType()) {
                        case FLOAT32 -> DType.F32;
                        case INT64 -> DType.I64;
                        default -> throw new IllegalStateException("array " + name + " is " + array.getDataType());
                    };
            tensors.put(name, new Tensor(type, bytes.rewind(), array.getShape().getShape()));
        });
        return tensors;
    }

    private static void copy(Tensor tensor, NDArray array) {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(tensor.bytes().remaining()).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(tensor.bytes()).flip();
        try (NDArray incoming = array.getManager().create(direct, array.getShape(), array.getDataType())) {
            array.set(new NDIndex("..."), incoming);
        }
    }

    private static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        try {
            Safetensors.write(file, tensors, metadata);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
