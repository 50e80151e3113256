package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.trainer.run.Standing.Evaluated;
import io.residua.trainer.run.TrainingOptions.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandingTest {
    @Test
    void bestByEachFigureIsFoundByThatFigureAlone() {
        // Given
        Evaluated fewCollisions = evaluated(10, 0.5, 0.01, 0.9, 0.7);
        Evaluated lowLoss = evaluated(20, 0.2, 0.09, 0.3, 0.6);
        Evaluated balanced = evaluated(30, 0.3, 0.02, 0.4, 0.8);

        // When
        Standing standing = standing(5, fewCollisions, lowLoss, balanced);

        // Then
        assertThat(standing.best())
                .containsEntry(Figure.COLLISION, fewCollisions)
                .containsEntry(Figure.LOSS, lowLoss)
                .containsEntry(Figure.BALANCED, balanced)
                .containsEntry(Figure.UTILIZATION, balanced)
                .containsEntry(Figure.LAST, balanced);
    }

    @Test
    void whatIsNotEligibleIsNeverBestButMayStandInAtTheEnd() {
        // Given
        Evaluated early = new Evaluated(5, new Losses(0.1, 0.1, 0), evaluation(0, 0.1, 1), false);

        // When
        Standing standing = standing(5, early);

        // Then
        assertThat(standing.best()).isEmpty();
        assertThat(standing.kept()).containsExactly(early);
        assertThat(standing.orLast(Figure.BALANCED, early).best()).containsOnlyKeys(Figure.BALANCED);
    }

    @Test
    void theNewestAndTheOnesWithTheFewestCollisionsAreKept() {
        // Given
        Evaluated[] evaluations = new Evaluated[8];
        double[] collisions = {0.5, 0.1, 0.4, 0.2, 0.9, 0.8, 0.7, 0.6};
        for (int i = 0; i < evaluations.length; i++) {
            evaluations[i] = evaluated(10 * (i + 1), 1, collisions[i], 1, 1);
        }

        // When
        Standing standing = standing(2, evaluations);

        // Then
        assertThat(standing.kept()).extracting(Evaluated::epoch).containsExactly(20, 40, 70, 80);
    }

    @Test
    void evaluationsWithoutGainAreCountedAnewAfterEachGain() {
        // Given
        List<Double> errors = List.of(0.9, 0.8, 0.85, 0.7, 0.75, 0.7, 0.9);

        // When / Then
        Standing standing = Standing.initial();
        int[] idle = {0, 0, 1, 0, 1, 2, 3};
        for (int i = 0; i < idle.length; i++) {
            standing = standing.after(evaluated(i + 1, 1, 0, errors.get(i), 1), Figure.BALANCED, 5);
            assertThat(standing.idle()).as("after evaluation " + i).isEqualTo(idle[i]);
        }
    }

    private static Standing standing(int limit, Evaluated... evaluations) {
        Standing standing = Standing.initial();
        for (Evaluated evaluated : evaluations) {
            standing = standing.after(evaluated, Figure.BALANCED, limit);
        }
        return standing;
    }

    private static Evaluated evaluated(int epoch, double loss, double collisions, double error, double used) {
        return new Evaluated(epoch, new Losses(loss, loss, 0), evaluation(collisions, error, used), true);
    }

    private static Evaluation evaluation(double collisions, double error, double used) {
        return new Evaluation(collisions, List.of((int) (100 * used)), List.of(used), error, error, 0);
    }
}
