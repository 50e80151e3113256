package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.ItemCode;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.SourcePosition;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** More items than a prefix, or the whole model, has codes for. */
class AssignSpillTest {
    @Test
    void aThousandIdenticalEmbeddingsGetAThousandCodes() {
        // Given
        Codebooks codebooks = codebooks(16, 16, 16);
        float[] z = {0.3f, -0.2f};

        try (StageHarness stages = new StageHarness(codebooks)) {
            // When
            for (int i = 0; i < 1_000; i++) {
                stages.embed("item-" + i, new SourcePosition(0, i, i), z, codebooks);
            }
            stages.settle();

            // Then
            assertThat(stages.codes()).hasSize(1_000);
            assertThat(stages.codes().values().stream().map(ItemCode::codes)).doesNotHaveDuplicates();
            assertThat(stages.deadLetters()).isEmpty();
        }
    }

    @Test
    void threeTimesTheCodeSpaceFillsItAndTheRestIsRefusedEachWithItsEmbedding() {
        // Given
        Codebooks codebooks = codebooks(3, 4, 5);
        int items = 3 * 3 * 4 * 5;
        Random random = new Random(8);

        try (StageHarness stages = new StageHarness(codebooks)) {
            // When
            for (int i = 0; i < items; i++) {
                float[] z = {(float) random.nextGaussian() * 3, (float) random.nextGaussian() * 3};
                stages.embed("item-" + i, new SourcePosition(0, i, i), z, codebooks);
            }
            stages.settle();

            // Then
            assertThat(stages.codes()).hasSize(60);
            assertThat(stages.codes().values().stream().map(ItemCode::codes)).doesNotHaveDuplicates();
            assertThat(stages.deadLetters()).hasSize(items - 60).allSatisfy(letter -> assertThat(letter.value())
                    .containsExactly(42));
            List<String> refused = stages.deadLetters().stream()
                    .map(letter -> new String(letter.key(), UTF_8))
                    .collect(Collectors.toList());
            assertThat(refused)
                    .doesNotHaveDuplicates()
                    .doesNotContainAnyElementsOf(stages.codes().keySet());
        }
    }

    private static Codebooks codebooks(int... sizes) {
        Random random = new Random(5);
        float[][] levels = new float[sizes.length][];
        for (int level = 0; level < sizes.length; level++) {
            levels[level] = new float[sizes[level] * 2];
            for (int i = 0; i < levels[level].length; i++) {
                levels[level][i] = (float) (random.nextGaussian() * Math.pow(0.5, level) * 3);
            }
        }
        return Codebooks.of(2, levels);
    }
}
