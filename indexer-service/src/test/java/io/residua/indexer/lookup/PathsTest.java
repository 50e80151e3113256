package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What look-ups take out of paths. */
class PathsTest {
    @ParameterizedTest
    @CsvSource({
        "apple, apple",
        "a%20b, a b",
        "a+b, a+b",
        "a/b, a/b",
        "a%2Fb%2fc, a/b/c",
        "%2E%2E, ..",
        "%C3%BC, ü",
        "%25, %",
        "%3F%23, ?#",
        "Ã¼, ü",
        "€, €",
    })
    void itemIdIsWhatTheBytesDecodeTo(String encoded, String id) {
        // When / Then
        assertThat(RawItemId.decode(encoded)).hasValueSatisfying(bytes -> assertThat(new String(bytes, UTF_8))
                .isEqualTo(id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "a%2", "%zz", "%1x", "%%41"})
    void percentSignWithoutTwoDigitsIsNoItemId(String encoded) {
        // When / Then
        assertThat(RawItemId.decode(encoded)).isEmpty();
    }

    @Test
    void codeHasANumberPerLevel() {
        // When / Then
        assertThat(CodePath.parse("151_0_56_210", 4, 4)).hasValue(new int[] {151, 0, 56, 210});
        assertThat(CodePath.parse("7", 1, 3)).hasValue(new int[] {7});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1_2_3",
                "1_2_3_4_5",
                "1_2_3_",
                "_1_2_3",
                "1__2_3",
                "1_2_3_x",
                "1_2_3_-4",
                "+1_2_3_4",
                "1_2_3_4 ",
                "1_2_3_9999999999",
                "<a_1>"
            })
    void otherTextIsNoCode(String text) {
        // When / Then
        assertThat(CodePath.parse(text, 4, 4)).isEmpty();
    }

    @Test
    void entryThatItsCodebookDoesNotHaveIsOutside() {
        // When / Then
        assertThat(CodePath.isWithin(new int[] {3, 255}, List.of(4, 256, 8))).isTrue();
        assertThat(CodePath.isWithin(new int[] {3, 256}, List.of(4, 256, 8))).isFalse();
    }

    @Test
    void numberOutsideItsBoundsIsNone() {
        // When / Then
        assertThat(CodePath.number("0", 0, 9)).isZero();
        assertThat(CodePath.number("9", 0, 9)).isEqualTo(9);
        assertThat(CodePath.number("10", 0, 9)).isEqualTo(-1);
        assertThat(CodePath.number("-1", 0, 9)).isEqualTo(-1);
        assertThat(CodePath.number("many", 0, 9)).isEqualTo(-1);
    }
}
