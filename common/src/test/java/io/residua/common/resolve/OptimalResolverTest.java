package io.residua.common.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.resolve.Problems.Kind;
import io.residua.common.resolve.Problems.Problem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimalResolverTest {
    private final OptimalResolver resolver = new OptimalResolver();

    static List<Problem> small() {
        List<Problem> problems = new ArrayList<>();
        for (int n = 1; n <= 6; n++) {
            for (int m = 1; m <= 6; m++) {
                problems.add(Problems.integers(n, m, n * 10 + m));
                problems.add(Problems.vectors(n, m, 2, Kind.SCATTERED, n * 100 + m));
            }
        }
        return problems;
    }

    static List<Problem> large() {
        return Problems.all();
    }

    @ParameterizedTest
    @MethodSource("small")
    void costsWhatTryingAllAssignmentsFinds(Problem problem) {
        // When
        int[] assignment = resolver.resolve(problem.distances(), problem.n(), problem.m(), problem.outsideCosts());

        // Then
        Assignments.assertPlacesAsManyAsFit(assignment, problem.n(), problem.m());
        assertThat(problem.assignment().total(assignment))
                .isCloseTo(Assignments.leastByTryingAll(problem.assignment()), within(1e-9));
    }

    @ParameterizedTest
    @MethodSource("large")
    void isNeverDearerThanGreedyImprovedLocally(Problem problem) {
        // Given
        int[] improved = problem.assignment().greedy();
        LocalSearch.improve(problem.assignment(), improved);

        // When
        int[] assignment = resolver.resolve(problem.distances(), problem.n(), problem.m(), problem.outsideCosts());

        // Then
        Assignments.assertPlacesAsManyAsFit(assignment, problem.n(), problem.m());
        assertThat(problem.assignment().total(assignment))
                .isLessThanOrEqualTo(problem.assignment().total(improved) * (1 + 1e-12));
    }

    @Test
    void withoutFreeEntriesEveryItemLeaves() {
        assertThat(resolver.resolve(new double[0], 3, 0, null)).containsOnly(CollisionResolver.OUTSIDE);
    }

    @Test
    void withoutOutsideCostsTheDearestItemsLeave() {
        // Given
        double[] distances = {5, 7, 1, 2, 8, 9};

        // When
        int[] assignment = resolver.resolve(distances, 3, 2, null);

        // Then
        assertThat(assignment).containsExactly(0, 1, CollisionResolver.OUTSIDE);
    }

    @Test
    void refusesWhatIsNoDistance() {
        assertThatThrownBy(() -> resolver.resolve(new double[] {1, Double.NaN}, 1, 2, null))
                .hasMessage("distances[1] is NaN, expected a finite number >= 0");
        assertThatThrownBy(() -> resolver.resolve(new double[] {1, -2}, 1, 2, null))
                .hasMessage("distances[1] is -2.0, expected a finite number >= 0");
        assertThatThrownBy(() -> resolver.resolve(new double[3], 2, 2, null))
                .hasMessage("distances has 3 values, expected at least 4");
    }
}
