package io.residua.trainer.track;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static final double TIME = 1_700_000_000.25;

    /** The expected bytes were written by TensorBoard's own record writer and protocol buffers. */
    @Test
    void bytesAreThoseThatTensorBoardWrites() throws IOException {
        // Given
        byte[] expected = golden();

        // When
        ByteArrayOutputStream actual = new ByteArrayOutputStream();
        actual.writeBytes(TfRecordFormat.frame(Events.version(TIME)));
        actual.writeBytes(TfRecordFormat.frame(Events.start(TIME, 5)));
        actual.writeBytes(TfRecordFormat.frame(Events.markdown(TIME, 0, "options", "| ε |")));
        actual.writeBytes(TfRecordFormat.frame(Events.scalars(
                TIME + 1.25, 300, List.of(new Scalar("loss/total", 0.1), new Scalar("eval/utilisation/level_0", 1)))));

        // Then
        assertThat(actual.toByteArray()).isEqualTo(expected);
    }

    @Test
    void whatTensorBoardWritesIsRead() throws IOException {
        // Given
        ByteBuffer file = ByteBuffer.wrap(golden());

        // When
        TfRecordFormat.next(file);
        Events.Event start = Events.parse(TfRecordFormat.next(file).orElseThrow());
        TfRecordFormat.next(file);
        Events.Event scalars = Events.parse(TfRecordFormat.next(file).orElseThrow());

        // Then
        assertThat(start).isEqualTo(new Events.Event(TIME, 5, true, List.of()));
        assertThat(scalars)
                .isEqualTo(new Events.Event(
                        TIME + 1.25,
                        300,
                        false,
                        List.of(new Scalar("loss/total", 0.1f), new Scalar("eval/utilisation/level_0", 1))));
        assertThat(TfRecordFormat.next(file)).isEmpty();
    }

    @Test
    void damagedRecordEndsAFile() {
        // Given
        byte[] record = TfRecordFormat.frame(new byte[] {1, 2, 3});

        // When / Then
        for (int i = 0; i < record.length; i++) {
            byte[] damaged = record.clone();
            damaged[i] ^= 0x10;
            assertThat(TfRecordFormat.next(ByteBuffer.wrap(damaged))).isEmpty();
            assertThat(TfRecordFormat.next(ByteBuffer.wrap(Arrays.copyOf(record, i))))
                    .isEmpty();
        }
        assertThat(TfRecordFormat.next(ByteBuffer.wrap(record))).contains(new byte[] {1, 2, 3});
    }

    private static byte[] golden() throws IOException {
        try (InputStream file = EventsTest.class.getResourceAsStream("/track/events.tfrecord")) {
            return file.readAllBytes();
        }
    }
}
