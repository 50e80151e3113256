package io.residua.common.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingDataTest {
    @ParameterizedTest
    @CsvSource({"golden/model_sk0.pth, input.npy", "pytorch/bn.pth, items.npy"})
    void referencesCheckpointNamesItsFile(String checkpoint, String file) throws IOException {
        // Given
        Map<String, String> metadata =
                Checkpoint.read(Path.of("src/test/resources", checkpoint)).metadata();

        // When / Then
        assertThat(TrainingData.files(metadata)).containsExactly(Path.of(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data_path\": \"a.npy\"} | a.npy",
                "{\"data_path\": \"a.npy\", \"data_paths\": [\"b.npy\", \"c.npy\"]} | b.npy c.npy",
                "{\"data_path\": \"a.npy\", \"data_paths\": []} | a.npy",
                "{\"data_path\": \"a.npy\", \"data_paths\": null} | a.npy",
                "{\"data_path\": \"\"} | ''",
                "{\"lr\": 1} | ''",
                "[1] | ''",
                "no JSON | ''"
            })
    void severalFilesComeBeforeOne(String options, String expected) {
        // When
        List<Path> files = TrainingData.files(Map.of("args", options));

        // Then
        assertThat(files.stream().map(Path::toString).collect(Collectors.joining(" ")))
                .isEqualTo(expected);
    }

    @Test
    void metadataOfFilesIsReadBack() {
        for (List<String> files : List.of(List.<String>of(), List.of("/a.npy"), List.of("/a.npy", "/b.npy"))) {
            // When
            Map<String, String> metadata = TrainingData.metadata(files);

            // Then
            assertThat(TrainingData.files(metadata).stream().map(Path::toString))
                    .containsExactlyElementsOf(files);
        }
    }
}
