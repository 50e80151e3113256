package io.residua.common.quantise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.network.NetworkConfig;
import io.residua.common.npy.NpyFile;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodebooksTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** Two levels in the plane, two and three entries. */
    private static final Codebooks SMALL = Codebooks.of(2, new float[][] {{0, 0, 10, 10}, {1, 0, 0, 1, 0, 1}});

    @TempDir
    private Path temp;

    @Test
    void nearestCodesAreThoseOfTheReference() throws IOException {
        // Given
        Codebooks codebooks = Codebooks.load(checkpoint("weights.json"));
        float[] latents = new float[40 * 4];
        try (NpyFile encoderOut = NpyFile.open(GOLDEN.resolve("encoder_out.npy"))) {
            encoderOut.readRows(0, 40, latents, 0);
        }
        int[][] expected = indices();

        for (int row = 0; row < 40; row++) {
            // When
            int[] codes = codebooks.nearest(Arrays.copyOfRange(latents, row * 4, row * 4 + 4));

            // Then
            assertThat(codes).as("row %d", row).containsExactly(expected[row]);
        }
        assertThat(codebooks.levels()).isEqualTo(3);
        assertThat(codebooks.eDim()).isEqualTo(4);
        assertThat(codebooks.size(2)).isEqualTo(5);
    }

    @Test
    void sumIsOfEveryLevelsEntry() {
        // Given
        float[] sum = {99, 99, 99};

        // When
        SMALL.sum(new int[] {7, 1, 2}, 1, sum);

        // Then
        assertThat(sum).containsExactly(10, 11, 99);
    }

    @Test
    void distancesAreExactSumsOfSquares() {
        // Given
        float[] r = {99, 3, 4};
        double[] out = new double[4];

        // When
        SMALL.squaredDistances(r, 1, 1, out, 1);

        // Then
        assertThat(out).containsExactly(0, 4 + 16, 9 + 9, 9 + 9);
    }

    @Test
    void distancesToAllEntriesAreBitForBitThoseToEach() {
        for (int eDim = 1; eDim <= 9; eDim++) {
            // Given
            Random random = new Random(eDim);
            float[] entries = new float[37 * eDim];
            float[] r = new float[eDim];
            for (int i = 0; i < entries.length; i++) {
                entries[i] = (float) random.nextGaussian();
                r[i % eDim] = (float) random.nextGaussian();
            }
            Codebooks codebooks = Codebooks.of(eDim, new float[][] {entries});
            double[] out = new double[37];

            // When
            codebooks.squaredDistances(r, 0, 0, out, 0);

            // Then
            for (int code = 0; code < out.length; code++) {
                assertThat(out[code]).isEqualTo(codebooks.squaredDistance(r, 0, 0, code));
            }
        }
    }

    @Test
    void distancesDoNotCancelWhereTheExpandedFormWould() {
        // Given
        Codebooks far = Codebooks.of(1, new float[][] {{10_000, 10_000.001f}});
        double step = 10_000.001f - 10_000.0;

        // When
        double distance = far.squaredDistance(new float[] {10_000}, 0, 0, 1);

        // Then
        assertThat(distance).isEqualTo(step * step).isPositive();
    }

    @Test
    void residualIsSubtractedLevelByLevelInFloat() {
        // Given
        Codebooks codebooks = Codebooks.of(1, new float[][] {{1e8f}, {-1e8f}, {0.25f}});
        float[] z = {7, 1};
        float[] out = new float[1];

        // When
        codebooks.residual(z, 1, new int[] {0, 0, 0}, 3, out);

        // Then
        assertThat(out[0]).isEqualTo((1f - 1e8f) + 1e8f - 0.25f).isNotEqualTo(0.75f);
    }

    @Test
    void onlyTheFirstLevelsAreSubtracted() {
        // Given
        float[] z = {11, 13};
        float[] none = new float[2];
        float[] one = new float[2];

        // When
        SMALL.residual(z, 0, new int[] {1, 1}, 0, none);
        SMALL.residual(z, 0, new int[] {1, 1}, 1, one);

        // Then
        assertThat(none).containsExactly(11, 13);
        assertThat(one).containsExactly(1, 3);
    }

    @Test
    void tiesGoToTheLowestIndex() {
        // When
        int[] codes = SMALL.nearest(new float[] {5, 5});
        int[] duplicate = SMALL.nearest(new float[] {0, 1});

        // Then
        assertThat(codes).containsExactly(0, 0);
        assertThat(duplicate).containsExactly(0, 1);
    }

    @Test
    void errorIsTheDistanceToTheSumOfTheEntries() throws IOException {
        // Given
        Codebooks codebooks = Codebooks.load(checkpoint("weights.json"));
        float[] z = {0.5f, -0.25f, 1, 2};
        int[] codes = {4, 0, 2};
        float[] residual = new float[4];

        // When
        double error = codebooks.error(z, codes);

        // Then
        codebooks.residual(z, 0, codes, 3, residual);
        double expected = 0;
        for (float x : residual) {
            expected += (double) x * x;
        }
        assertThat(error).isCloseTo(expected, within(1e-5));
        assertThat(SMALL.error(new float[] {12, 14}, new int[] {1, 0})).isEqualTo(1 + 16);
    }

    @Test
    void codeBeyondTheCodebookIsRefused() {
        // Given
        float[] out = new float[2];

        // When / Then
        assertThatThrownBy(() -> SMALL.residual(new float[2], 0, new int[] {2, 0}, 2, out))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void unusableCodebooksAreNamed() throws IOException {
        // Given
        Path none = write(Map.of("encoder.weight", Tensor.of(new float[4], 2, 2)));
        // When / Then
        assertThatThrownBy(() -> Codebooks.load(none))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no tensor 'rq.vq_layers.0.embedding.weight'");

        // Given
        Path uneven = write(Map.of(
                NetworkConfig.codebook(0),
                Tensor.of(new float[4], 2, 2),
                NetworkConfig.codebook(1),
                Tensor.of(new float[6], 2, 3)));
        // When / Then
        assertThatThrownBy(() -> Codebooks.load(uneven))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("level 1 has entries of 3 floats, expected 2");

        // Given
        Path integers = write(Map.of(NetworkConfig.codebook(0), Tensor.of(new long[4], 2, 2)));
        // When / Then
        assertThatThrownBy(() -> Codebooks.load(integers))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected floating-point numbers");

        // When / Then
        assertThatThrownBy(() -> Codebooks.of(2, new float[][] {{1, Float.NaN}}))
                .hasMessageContaining("level 0 has NaN in entry 0");
        assertThatThrownBy(() -> Codebooks.of(2, new float[1][3])).hasMessageContaining("a multiple of eDim 2");
    }

    private Path checkpoint(String name) throws IOException {
        JsonNode weights = new ObjectMapper().readTree(GOLDEN.resolve(name).toFile());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.get("state_dict").properties().forEach(entry -> {
            JsonNode data = entry.getValue().get("data");
            float[] floats = new float[data.size()];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = data.get(i).floatValue();
            }
            JsonNode shape = entry.getValue().get("shape");
            long[] sizes = new long[shape.size()];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = shape.get(i).longValue();
            }
            tensors.put(entry.getKey(), Tensor.of(floats, sizes));
        });
        return write(tensors);
    }

    private Path write(Map<String, Tensor> tensors) throws IOException {
        Path file = Files.createTempFile(temp, "checkpoint", ".safetensors");
        Safetensors.write(file, tensors, Map.of());
        return file;
    }

    /** The reference's codes, int64 [40, 3]: the last bytes of its {@code .npy} file. */
    private static int[][] indices() throws IOException {
        byte[] file = Files.readAllBytes(GOLDEN.resolve("indices_nosk.npy"));
        ByteBuffer data =
                ByteBuffer.wrap(file, file.length - 40 * 3 * 8, 40 * 3 * 8).order(ByteOrder.LITTLE_ENDIAN);
        int[][] codes = new int[40][3];
        for (int[] row : codes) {
            for (int level = 0; level < 3; level++) {
                row[level] = (int) data.getLong();
            }
        }
        return codes;
    }
}
