package io.residua.evaluator.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.evaluator.tally.CodeCount;
import io.residua.evaluator.tally.CompensatedSum;
import io.residua.evaluator.tally.Totals;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountFormatTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void countIsWrittenAsTheBytesOfVersionOne() {
        // Given
        CodeCount count = new CodeCount(1, 258);

        // When
        byte[] bytes = CountFormat.writeCount(count);

        // Then
        assertThat(HEX.formatHex(bytes)).isEqualTo("01" + "00000001" + "00000102");
        assertThat(CountFormat.readCount(bytes)).isEqualTo(count);
    }

    @Test
    void countOfNoItemIsAbsent() {
        // When / Then
        assertThat(CountFormat.writeCount(CodeCount.NONE)).isNull();
        assertThat(CountFormat.readCount(null)).isEqualTo(CodeCount.NONE);
    }

    @Test
    void codeIsWrittenAsItsEntries() {
        // Given
        List<Integer> code = List.of(1, 258, 70_000);

        // When
        byte[] bytes = CountFormat.writeCode(code);

        // Then
        assertThat(HEX.formatHex(bytes)).isEqualTo("00000001" + "00000102" + "00011170");
        assertThat(CountFormat.readCode(bytes)).isEqualTo(code);
    }

    @Test
    void totalsAreWrittenAsTheBytesOfVersionOne() {
        // Given
        Totals totals = new Totals(1, 2, 3, new CompensatedSum(1.5, 0), new CompensatedSum(0.25, -0.5));

        // When
        byte[] bytes = CountFormat.writeTotals(totals);

        // Then
        assertThat(HEX.formatHex(bytes))
                .isEqualTo("01" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "3ff8000000000000"
                        + "0000000000000000" + "3fd0000000000000" + "bfe0000000000000");
        assertThat(CountFormat.readTotals(bytes)).isEqualTo(totals);
        assertThat(CountFormat.readTotals(null)).isEqualTo(Totals.ZERO);
    }

    @ParameterizedTest
    @CsvSource({
        "020000000100000001, 'format version is 2, expected 1'",
        "'', 'format version is missing, expected 1'",
        "0100000001, '5 bytes, expected 9'"
    })
    void saysWhatIsWrongWithOtherBytes(String bytes, String message) {
        // When / Then
        assertThatThrownBy(() -> CountFormat.readCount(HEX.parseHex(bytes)))
                .isInstanceOf(SerializationException.class)
                .hasMessage(message);
    }
}
