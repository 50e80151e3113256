package io.residua.common.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.resolve.Problems.Kind;
import io.residua.common.resolve.Problems.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShortlistTest {
    static List<Problem> problems() {
        return List.of(
                Problems.integers(2, 9, 1),
                Problems.integers(3, 40, 2),
                Problems.vectors(2, 200, 32, Kind.SCATTERED, 3),
                Problems.vectors(6, 60, 2, Kind.DUPLICATES, 4),
                Problems.vectors(12, 256, 32, Kind.CLUSTERS, 5));
    }

    @ParameterizedTest
    @MethodSource("problems")
    void keepsTheOptimumAndTheGreedyAssignment(Problem problem) {
        // Given
        AssignmentProblem whole = problem.assignment();
        int n = problem.n();
        double[] reaches = IntStream.range(0, n)
                .mapToDouble(i -> Arrays.stream(problem.row(i))
                        .sorted()
                        .skip(n - 1)
                        .findFirst()
                        .orElseThrow())
                .toArray();

        // When
        int[] entries = Shortlist.of(whole, reaches);
        AssignmentProblem small = Shortlist.restrict(whole, entries);

        // Then
        assertThat(entries).hasSizeLessThan(problem.m()).isSorted();
        assertThat(Arrays.stream(small.greedy()).map(j -> entries[j])).containsExactly(boxed(whole.greedy()));
        assertThat(optimum(small)).isCloseTo(optimum(whole), within(1e-9));
    }

    private static Integer[] boxed(int[] values) {
        return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }

    private static double optimum(AssignmentProblem problem) {
        return problem.total(new OptimalResolver().resolve(problem.distances(), problem.n(), problem.m(), null));
    }
}
