package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Numbers that the Python reference computed, from the test resources. */
public final class Golden {
    private Golden() {}

    /** A JSON file. */
    public static JsonNode json(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The elements of a tensor, or of a flat array. */
    public static double[] doubles(JsonNode tensor) {
        JsonNode data = tensor.has("data") ? tensor.get("data") : tensor;
        return IntStream.range(0, data.size())
                .mapToDouble(i -> data.get(i).asDouble())
                .toArray();
    }

    /** The elements of a tensor as float32. */
    public static float[] floats(JsonNode tensor) {
        double[] doubles = doubles(tensor);
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }

    /** A column of a matrix of integers. */
    public static long[] column(JsonNode tensor, int column) {
        if (!tensor.has("data")) {
            return IntStream.range(0, tensor.size())
                    .mapToLong(i -> tensor.get(i).get(column).asLong())
                    .toArray();
        }
        int width = tensor.get("shape").get(1).asInt();
        return LongStream.range(0, tensor.get("shape").get(0).asInt())
                .map(row -> tensor.get("data").get((int) row * width + column).asLong())
                .toArray();
    }

    /** A float32 tensor on the device. */
    public static NDArray array(NDManager manager, JsonNode tensor) {
        long[] shape = LongStream.range(0, tensor.get("shape").size())
                .map(i -> tensor.get("shape").get((int) i).asLong())
                .toArray();
        return manager.create(floats(tensor), new Shape(shape));
    }

    /** Loads a state_dict. */
    public static void load(Weights weights, JsonNode stateDict) {
        stateDict.properties().forEach(entry -> {
            JsonNode data = entry.getValue().get("data");
            boolean integer = "int64".equals(entry.getValue().get("dtype").asText());
            ByteBuffer values =
                    ByteBuffer.allocate(data.size() * (integer ? 8 : 4)).order(ByteOrder.LITTLE_ENDIAN);
            for (JsonNode value : data) {
                if (integer) {
                    values.putLong(value.asLong());
                } else {
                    values.putFloat((float) value.asDouble());
                }
            }
            weights.set(entry.getKey(), values.flip());
        });
    }

    /** The rows that all steps train on, [40, 16], from a {@code .npy} of format 1. */
    public static float[] input() {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/input.npy")) {
            ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            bytes.position(10 + bytes.getShort(8));
            float[] floats = new float[bytes.remaining() / 4];
            bytes.asFloatBuffer().get(floats);
            return floats;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
