package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.trainer.run.BestCheckpoints.Evaluated;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.util.List;
import org.junit.jupiter.api.Test;

class BestCheckpointsTest {
    @Test
    void bestByEachFigureIsFoundByThatFigureAlone() {
        // Given
        Evaluated fewCollisions = evaluated(10, 0.5, 0.01, 0.9, 0.7);
        Evaluated lowLoss = evaluated(20, 0.2, 0.09, 0.3, 0.6);
        Evaluated balanced = evaluated(30, 0.3, 0.02, 0.4, 0.8);

        // When
        BestCheckpoints best = best(5, fewCollisions, lowLoss, balanced);

        // Then
        assertThat(best.best())
                .containsEntry(SelectionMetric.COLLISION, fewCollisions)
                .containsEntry(SelectionMetric.LOSS, lowLoss)
                .containsEntry(SelectionMetric.BALANCED, balanced)
                .containsEntry(SelectionMetric.UTILIZATION, balanced)
                .containsEntry(SelectionMetric.LAST, balanced);
    }

    @Test
    void whatIsNotEligibleIsNeverBestButMayStandInAtTheEnd() {
        // Given
        Evaluated early = new Evaluated(5, new Losses(0.1, 0.1, 0), evaluation(0, 0.1, 1), false);

        // When
        BestCheckpoints best = best(5, early);

        // Then
        assertThat(best.best()).isEmpty();
        assertThat(best.kept()).containsExactly(early);
        assertThat(best.orLast(SelectionMetric.BALANCED, early).best()).containsOnlyKeys(SelectionMetric.BALANCED);
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
        BestCheckpoints best = best(2, evaluations);

        // Then
        assertThat(best.kept()).extracting(Evaluated::epoch).containsExactly(20, 40, 70, 80);
    }

    @Test
    void evaluationsWithoutGainAreCountedAnewAfterEachGain() {
        // Given
        List<Double> errors = List.of(0.9, 0.8, 0.85, 0.7, 0.75, 0.7, 0.9);

        // When / Then
        BestCheckpoints best = BestCheckpoints.initial();
        int[] idle = {0, 0, 1, 0, 1, 2, 3};
        for (int i = 0; i < idle.length; i++) {
            best = best.after(evaluated(i + 1, 1, 0, errors.get(i), 1), SelectionMetric.BALANCED, 5);
            assertThat(best.idle()).as("after evaluation " + i).isEqualTo(idle[i]);
        }
    }

    private static BestCheckpoints best(int limit, Evaluated... evaluations) {
        BestCheckpoints best = BestCheckpoints.initial();
        for (Evaluated evaluated : evaluations) {
            best = best.after(evaluated, SelectionMetric.BALANCED, limit);
        }
        return best;
    }

    private static Evaluated evaluated(int epoch, double loss, double collisions, double error, double used) {
        return new Evaluated(epoch, new Losses(loss, loss, 0), evaluation(collisions, error, used), true);
    }

    private static Evaluation evaluation(double collisions, double error, double used) {
        return new Evaluation(collisions, List.of((int) (100 * used)), List.of(used), error, error, 0);
    }
}
