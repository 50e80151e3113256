package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.stack.StackException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleTest {
    @TempDir
    Path folder;

    @Test
    void rowsBelongToLinesAndTheLastFifthIsHeldBack() throws IOException {
        // Given
        write(20, 20);

        // When
        Sample sample = Sample.read(folder);

        // Then
        assertThat(sample.size()).isEqualTo(20);
        assertThat(sample.dim()).isEqualTo(2);
        assertThat(sample.heldBack()).isEqualTo(4);
        assertThat(sample.firstHeldBack()).isEqualTo(16);
        assertThat(sample.item(3)).isEqualTo(new Sample.Item("id3", "title 3", "text 3"));
        assertThat(sample.vector(3)).containsExactly(1, 1);
    }

    @Test
    void checksumTellsSamplesApart() throws IOException {
        // Given
        write(20, 20);
        String first = Sample.read(folder).sha256();

        // When
        write(21, 21);

        // Then
        assertThat(Sample.read(folder).sha256()).hasSize(64).isNotEqualTo(first);
        write(20, 20);
        assertThat(Sample.read(folder).sha256()).isEqualTo(first);
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        assertThatThrownBy(() -> Sample.read(folder))
                .isInstanceOf(StackException.class)
                .hasMessage("no sample: " + folder.resolve("embeddings.f16.npy") + " does not exist");
        write(20, 19);
        assertThatThrownBy(() -> Sample.read(folder))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("items.tsv has 20 lines, but ")
                .hasMessageEndingWith("has 19 rows");
        Files.writeString(folder.resolve("items.tsv"), "a\tb\tc\na\tb\tc\n");
        assertThatThrownBy(() -> Sample.read(folder)).hasMessageEndingWith("items.tsv, line 2: second item a");
        Files.writeString(folder.resolve("items.tsv"), "a\tb\n");
        assertThatThrownBy(() -> Sample.read(folder))
                .hasMessageEndingWith("items.tsv, line 1: expected id, title and text, separated by tabs");
    }

    private void write(int lines, int rows) throws IOException {
        Files.writeString(
                folder.resolve("items.tsv"),
                IntStream.range(0, lines)
                        .mapToObj(i -> "id" + i + "\ttitle " + i + "\ttext " + i + "\n")
                        .collect(Collectors.joining()));
        byte[] header = String.format(
                        "%-117s\n", "{'descr': '<f2', 'fortran_order': False, 'shape': (" + rows + ", 2), }")
                .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer npy = ByteBuffer.allocate(10 + header.length + rows * 4).order(ByteOrder.LITTLE_ENDIAN);
        npy.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length)
                .put(header);
        while (npy.hasRemaining()) {
            // 1.0 as float16
            npy.putShort((short) 0x3c00);
        }
        Files.write(folder.resolve("embeddings.f16.npy"), npy.array());
    }
}
