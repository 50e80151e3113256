package io.residua.evaluator.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.Resolution;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeFormatTest {
    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @CsvSource({"NEAREST, 00", "SINKHORN, 01", "SPILLED, 02"})
    void writesTheBytesOfVersionOne(Resolution resolution, String number) {
        // Given
        CodedItem item = new CodedItem(List.of(1, 258), List.of(1, 7), resolution, 1.5, 0.25);

        // When
        byte[] bytes = ChangeFormat.writeChange(null, ChangeFormat.writeItem(item));

        // Then
        assertThat(HEX.formatHex(bytes))
                .isEqualTo("01" + "00" + "02" + "00000001" + "00000102" + "00000001" + "00000007" + number
                        + "3ff8000000000000" + "3fd0000000000000");
        assertThat(ChangeFormat.readChange(bytes)).isEqualTo(new Change(null, item));
    }

    @Test
    void readsWhatItWrites() {
        // Given
        Random random = new Random(1);
        CodedItem before = TestItems.random(random);
        CodedItem after = TestItems.random(random);
        byte[] beforeBytes = ChangeFormat.writeItem(before);
        byte[] afterBytes = ChangeFormat.writeItem(after);

        // When
        Change added = ChangeFormat.readChange(ChangeFormat.writeChange(null, afterBytes));
        Change moved = ChangeFormat.readChange(ChangeFormat.writeChange(beforeBytes, afterBytes));
        Change deleted = ChangeFormat.readChange(ChangeFormat.writeChange(beforeBytes, null));

        // Then
        assertThat(added).isEqualTo(new Change(null, after));
        assertThat(moved).isEqualTo(new Change(before, after));
        assertThat(deleted).isEqualTo(new Change(before, null));
    }

    @ParameterizedTest
    @CsvSource({
        "02, 'format version is 2, expected 1'",
        "0102, 'ends after 2 bytes, too early'",
        "010000000000, 'before and after are null, expected at least one code'"
    })
    void saysWhatIsWrongWithOtherBytes(String bytes, String message) {
        // When / Then
        assertThatThrownBy(() -> ChangeFormat.readChange(HEX.parseHex(bytes)))
                .isInstanceOfAny(SerializationException.class, IllegalArgumentException.class)
                .hasMessage(message);
    }
}
