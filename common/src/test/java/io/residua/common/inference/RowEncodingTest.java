package io.residua.common.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.device.Device;
import io.residua.common.npy.NpyFiles;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowEncodingTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 40, 1_000})
    void everyRowIsEncodedWhateverTheBatchSize(int batchSize) throws IOException {
        // Given
        Path input = GOLDEN.resolve("input.npy");
        OfflineModel model = OfflineModel.open(GOLDEN.resolve("model_sk0.pth"));
        List<Integer> whole = encode(model, List.of(input), 40);

        // When
        List<Integer> codes = encode(model, List.of(input, input), batchSize);

        // Then
        List<Integer> twice = new ArrayList<>(whole);
        twice.addAll(whole);
        assertThat(codes).hasSize(2 * 40 * 3).isEqualTo(twice);
    }

    @Test
    void rowThatIsNotFiniteIsNamedByItsOwnFile() throws IOException {
        // Given
        OfflineModel model = OfflineModel.open(GOLDEN.resolve("model_sk0.pth"));
        Path broken = folder.resolve("broken.npy");
        float[] row = new float[16];
        try (NpyWriter writer = NpyWriter.create(broken, NpyType.FLOAT32, 16)) {
            writer.writeRow(row, 0);
            row[3] = Float.NEGATIVE_INFINITY;
            writer.writeRow(row, 0);
            writer.commit();
        }

        // When / Then
        assertThatThrownBy(() -> encode(model, List.of(GOLDEN.resolve("input.npy"), broken), 64))
                .isInstanceOf(IOException.class)
                .hasMessage("row 1 of " + broken + " holds -Infinity, expected finite numbers");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void rowWhoseLatentOverflowsIsNamedByItsOwnFile(int batchSize) throws IOException {
        // Given
        OfflineModel model = OfflineModel.open(GOLDEN.resolve("model_sk0.pth"));
        Path large = folder.resolve("large.npy");
        float[] row = new float[16];
        try (NpyWriter writer = NpyWriter.create(large, NpyType.FLOAT32, 16)) {
            row[3] = Float.NaN;
            writer.writeRow(row, 0);
            Arrays.fill(row, 3e38f);
            writer.writeRow(row, 0);
            writer.commit();
        }

        // When / Then
        try (NpyFiles rows = new NpyFiles(List.of(GOLDEN.resolve("input.npy"), large));
                OnnxEncoder encoder = model.encoder(rows, new Device.Cpu(), batchSize)) {
            assertThatThrownBy(() -> RowEncoding.encodeFinite(rows, encoder, batch -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessage("row 1 of " + large + " is too large for the model: its latent is not finite");
        }
    }

    private static List<Integer> encode(OfflineModel model, List<Path> files, int batchSize) throws IOException {
        List<Integer> codes = new ArrayList<>();
        try (NpyFiles rows = new NpyFiles(files);
                OnnxEncoder encoder = model.encoder(16, new Device.Cpu(), RowEncoding.batchRows(batchSize, rows))) {
            RowEncoding.encode(rows, encoder, batch -> {
                assertThat(batch.first() * 3).isEqualTo(codes.size());
                for (int i = 0; i < batch.rows() * 3; i++) {
                    codes.add(batch.codes()[i]);
                }
            });
        }
        return codes;
    }
}
