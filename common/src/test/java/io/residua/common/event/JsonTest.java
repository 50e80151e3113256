package io.residua.common.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": [1 | expected close marker for Array (start marker at line: 1, column: 7)",
                "{\"a\": [1} | Unexpected close marker '}': expected ']' (for Array starting at line: 1, column: 7)"
            })
    void messageSaysWherePartsBeginWithoutJacksonsSourceText(String json, String problem) {
        // When / Then
        assertThatThrownBy(() -> Json.read(json.getBytes(UTF_8), Map.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining("Source");
    }
}
