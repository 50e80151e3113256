package io.residua.common.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.npy.NpyFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Reads the golden vectors in {@code src/test/resources/golden}. */
final class Golden {
    private Golden() {}

    static JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(bytes(name));
    }

    /** The rows of a .npy matrix, one after another. */
    static float[] npyFloats(String name) throws IOException, URISyntaxException {
        try (NpyFile file =
                NpyFile.open(Path.of(Golden.class.getResource("/golden/" + name).toURI()))) {
            int rows = (int) file.rows();
            float[] values = new float[rows * file.dim()];
            file.readRows(0, rows, values, 0);
            return values;
        }
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int k = 0; k < values.length; k++) {
            values[k] = (float) array.get(k).asDouble();
        }
        return values;
    }

    static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        for (int k = 0; k < values.length; k++) {
            values[k] = array.get(k).asDouble();
        }
        return values;
    }

    /** A list of lists of integers, flattened. */
    static int[] codes(JsonNode rows) {
        int levels = rows.get(0).size();
        int[] values = new int[rows.size() * levels];
        for (int k = 0; k < values.length; k++) {
            values[k] = rows.get(k / levels).get(k % levels).asInt();
        }
        return values;
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                throw new IOException("no test resource golden/" + name);
            }
            return in.readAllBytes();
        }
    }
}
