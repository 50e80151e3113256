package io.residua.common.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexFileTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsWhatThePythonScriptsReadAndIsReadAgain() throws IOException {
        // Given
        List<String> ids = List.of("0", "a \"b\"\n,c", "größe 🙂", "");
        ItemIndex index = new ItemIndex(ids, 2, new int[] {1, 255, 1, 0, 0, 70_000, 3, 3});
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        // When
        IndexFile.write(index, out);

        // Then
        assertThat(out.toString(UTF_8))
                .startsWith("{\"0\":[\"<a_1>\",\"<b_255>\"],\"a \\\"b\\\"\\n,c\":[\"<a_1>\",\"<b_0>\"],");
        ItemIndex read = IndexFile.read(Files.write(folder.resolve("index.json"), out.toByteArray()));
        assertThat(read.ids()).isEqualTo(ids);
        assertThat(read.levels()).isEqualTo(2);
        assertThat(read.codes()).containsExactly(index.codes());
        assertThat(read.smallestCodebookSizes()).containsExactly(4, 70_001);
    }

    @Test
    void emptyIndexStaysEmpty() throws IOException {
        // Given
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        // When
        IndexFile.write(new ItemIndex(List.of(), 0, new int[0]), out);

        // Then
        assertThat(out.toString(UTF_8)).isEqualTo("{}");
        assertThat(IndexFile.read(Files.write(folder.resolve("index.json"), out.toByteArray()))
                        .size())
                .isZero();
    }
}
