package io.residua.common.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceSinkhornTest {
    static Stream<Named<JsonNode>> cases() throws IOException {
        return StreamSupport.stream(Golden.json("sinkhorn.json").get("cases").spliterator(), false)
                .map(golden -> Named.of(golden.get("name").asText(), golden));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void centresAsTheReferenceDoes(JsonNode golden) {
        // Given
        float[] raw = Golden.floats(golden.at("/d_raw/data"));

        // When
        float[] centred = ReferenceSinkhorn.centre(raw);

        // Then
        assertThat(centred).containsExactly(Golden.floats(golden.at("/d_centered/data")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matrixIsTheReferencesWhereThatIsFinite(JsonNode golden) {
        // Given
        int batch = golden.get("B").asInt();
        int entries = golden.get("K").asInt();

        // When
        double[] shares = transport(golden, batch, entries);

        // Then
        if (golden.get("has_nan_or_inf").asBoolean()) {
            assertColumnsSumTo((double) batch / entries, shares, batch, entries);
            return;
        }
        double[] expected = Golden.doubles(golden.at("/Q/data"));
        assertThat(shares).hasSameSizeAs(expected);
        for (int k = 0; k < shares.length; k++) {
            assertThat(shares[k]).isCloseTo(expected[k], within(Math.max(1e-12, 1e-9 * Math.abs(expected[k]))));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void largestShareIsTheReferencesWhereItIsClear(JsonNode golden) {
        // Given
        int batch = golden.get("B").asInt();
        int entries = golden.get("K").asInt();

        // When
        double[] shares = transport(golden, batch, entries);

        // Then
        for (int i = 0; i < batch && !golden.get("has_nan_or_inf").asBoolean(); i++) {
            if (golden.get("argmax_margin").get(i).asDouble() > 1e-9) {
                double largest =
                        shares[i * entries + golden.get("argmax").get(i).asInt()];
                for (int j = 0; j < entries; j++) {
                    assertThat(shares[i * entries + j]).isLessThanOrEqualTo(largest);
                }
            }
        }
    }

    @Test
    void identicalRowsShareEveryEntryExactlyEqually() {
        // Given
        float[] row = {0.3f, -0.9f, 0.77f, 0.1f};
        float[] rows = new float[12];
        for (int i = 0; i < 3; i++) {
            System.arraycopy(row, 0, rows, i * 4, 4);
        }

        // When
        double[] shares = ReferenceSinkhorn.transport(rows, 3, 4, 0.003, 50);

        // Then
        assertThat(shares).containsOnly(shares[0]);
        assertThat(shares[0]).isCloseTo(0.25, within(1e-15));
    }

    @Test
    void refusesSizesThatDoNotFit() {
        assertThatThrownBy(() -> ReferenceSinkhorn.transport(new float[5], 2, 3, 0.003, 50))
                .hasMessage("distances has 5 values, expected 2 x 3");
    }

    private static double[] transport(JsonNode golden, int batch, int entries) {
        float[] centred = Golden.floats(golden.at("/d_centered/data"));
        double epsilon = golden.get("epsilon").asDouble();
        return ReferenceSinkhorn.transport(
                centred, batch, entries, epsilon, golden.get("iters").asInt());
    }

    private static void assertColumnsSumTo(double expected, double[] shares, int batch, int entries) {
        for (int j = 0; j < entries; j++) {
            double sum = 0;
            for (int i = 0; i < batch; i++) {
                sum += shares[i * entries + j];
            }
            assertThat(sum).isCloseTo(expected, within(1e-12));
        }
    }
}
