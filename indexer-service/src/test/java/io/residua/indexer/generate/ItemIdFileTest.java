package io.residua.indexer.generate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemIdFileTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"a 1\n\"b\",\ngröße\n", "\uFEFFa 1\n\"b\",\ngröße\n", "a 1\r\n\"b\",\r\ngröße"})
    void everyLineIsAnId(String content) throws IOException {
        // Given
        Path file = Files.writeString(folder.resolve("ids"), content);

        // When
        List<String> ids = ItemIdFile.read(file, 3);

        // Then
        assertThat(ids).containsExactly("a 1", "\"b\",", "größe");
    }

    @ParameterizedTest
    @CsvSource({
        "x;y, has 2 ids; expected one for each of 3 rows",
        "w;x;y;z, has 4 ids; expected one for each of 3 rows",
        "x;y;x, lines 1 and 3 are both 'x'",
        "x;;y, line 2: item id has 0 bytes; expected UTF-8 of 1 to 512 bytes",
        "x;ÿ;y, line 2: item id is not valid UTF-8; expected UTF-8 of 1 to 512 bytes"
    })
    void whatIsNoListOfIdsIsNamedByItsLine(String lines, String reason) throws IOException {
        // Given
        Path file = Files.write(folder.resolve("ids"), lines.replace(';', '\n').getBytes(ISO_8859_1));

        // When / Then
        assertThatThrownBy(() -> ItemIdFile.read(file, 3))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(reason.replace(';', ','));
    }

    @Test
    void folderIsNamed() {
        // When / Then
        assertThatThrownBy(() -> ItemIdFile.read(folder, 1))
                .hasMessage(folder + " is a folder, expected a file with one item id per line");
    }

    @Test
    void idThatIsTooLongIsNamed() throws IOException {
        // Given
        Path file = Files.write(folder.resolve("ids"), "é".repeat(257).getBytes(UTF_8));

        // When / Then
        assertThatThrownBy(() -> ItemIdFile.read(file, 1)).hasMessageContaining("line 1: item id has 514 bytes");
    }
}
