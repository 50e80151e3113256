package io.residua.evaluator.stream;

import static io.residua.evaluator.TestItems.MODEL;
import static io.residua.evaluator.TestItems.SIZES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.Json;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.tally.CodedItem;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemCodeReaderTest {
    private static final String VALID = "{\"modelVersion\":\"m1\",\"codes\":[1,2,3],\"nearestCodes\":[1,2,4],"
            + "\"resolution\":\"sinkhorn\",\"quantisationError\":2,\"nearestError\":1.5}";

    private final ItemCodeReader reader = new ItemCodeReader(MODEL, SIZES);

    @Test
    void readsWhatTheIndexerWrites() {
        // Given
        Random random = new Random(3);

        for (int step = 0; step < 200; step++) {
            CodedItem item = TestItems.random(random);

            // When
            CodedItem read = reader.read(Json.write(TestItems.record("item-" + step, item)));

            // Then
            assertThat(read).isEqualTo(item);
        }
    }

    @Test
    void membersThatAreNotEvaluatedMayBeAnything() {
        // Given
        String more = VALID.replace("{\"", "{\"tokens\":[[\"a\"],{\"codes\":[9]}],\"claim\":null,\"");

        // When
        CodedItem read = reader.read(more.getBytes(UTF_8));

        // Then
        assertThat(read).isEqualTo(reader.read(VALID.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"m1\" | \"m2\" | modelVersion is 'm2', expected 'm1'",
                "\"codes\" | \"kodes\" | codes is missing, expected a list of numbers",
                "[1,2,3] | {} | codes is START_OBJECT, expected a list of numbers",
                "[1,2,4] | [1,2,null] | a code is VALUE_NULL, expected a whole number",
                "[1,2,4] | [1,2] | codes and nearestCodes have 3 and 2 levels, expected the same number, at least 1",
                "[1,2,3] | [4,2,3] | the code of level 0 is 4, expected 0 to 3",
                "sinkhorn | other | resolution is 'other', expected nearest, sinkhorn or spilled",
                "Error\":2 | Error\":null | quantisationError is VALUE_NULL, expected a number",
                "1.5 | -1 | nearestError is -1.0, expected a finite number, at least 0",
                "1.5} | 1.5 | not a valid ItemCode: Unexpected end-of-input",
                "{\"model | [\"model | the value is START_ARRAY, expected an object"
            })
    void saysWhatIsWrong(String valid, String wrong, String message) {
        // Given
        String json = VALID.replace(valid, wrong);

        // When / Then
        assertThatThrownBy(() -> reader.read(json.getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
