package io.residua.common.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.resolve.Problems.Kind;
import io.residua.common.resolve.Problems.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SinkhornResolverTest {
    private final SinkhornResolver resolver = new SinkhornResolver();

    static List<Problem> all() {
        return Problems.all();
    }

    static Stream<Problem> upTo128() {
        return Problems.all().stream().filter(problem -> problem.n() * problem.m() <= 128 * 128);
    }

    static List<Problem> awkward() {
        List<Problem> problems = new ArrayList<>();
        for (int n = 1; n <= 9; n++) {
            for (int m = 0; m <= 9; m++) {
                problems.add(Problems.integers(n, m, n * 10 + m));
            }
        }
        for (int dim : new int[] {1, 2, 8}) {
            problems.add(Problems.vectors(128, 128, dim, Kind.SCATTERED, dim));
            problems.add(Problems.vectors(100, 128, dim, Kind.DUPLICATES, dim));
            problems.add(Problems.vectors(128, 100, dim, Kind.CLUSTERS, dim));
        }
        return problems;
    }

    @ParameterizedTest
    @MethodSource({"all", "awkward"})
    void placesAsManyAsFitAndIsNeverDearerThanGreedy(Problem problem) {
        // When
        int[] assignment = resolve(problem);

        // Then
        AssignmentProblem checked = problem.assignment();
        Assignments.assertPlacesAsManyAsFit(assignment, problem.n(), problem.m());
        assertThat(checked.total(assignment)).isLessThanOrEqualTo(checked.total(checked.greedy()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void staysWithinTwoPercentOfTheOptimum(Problem problem) {
        // Given
        int[] optimal =
                new OptimalResolver().resolve(problem.distances(), problem.n(), problem.m(), problem.outsideCosts());

        // When
        int[] assignment = resolve(problem);

        // Then
        assertThat(problem.assignment().total(assignment))
                .isLessThanOrEqualTo(1.02 * problem.assignment().total(optimal));
    }

    @ParameterizedTest
    @MethodSource("upTo128")
    void potentialsAreThoseOfThePlainIterationInTheLogDomain(Problem problem) {
        // Given
        double scale = resolver.scale(problem.assignment());
        double[] plain = new PlainSinkhorn(problem.assignment()).potentials(scale, SinkhornResolver.DEFAULT_EPSILON);

        // When
        double[] potentials = resolver.potentials(problem.assignment(), scale);

        // Then
        for (int j = 0; j < plain.length; j++) {
            assertThat(potentials[j] * scale).isCloseTo(plain[j], within(1e-6 * scale));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e3, 1e4, 1e5})
    void potentialsStayExactWhereExponentialsWouldOverflow(double far) {
        // Given: leaving is far dearer than any entry, and differently so for each item
        Problem problem = Problems.vectors(40, 30, 32, Kind.SCATTERED, 9);
        double[] outsideCosts =
                IntStream.range(0, 40).mapToDouble(i -> far * (1 + i % 7)).toArray();
        AssignmentProblem distant = new AssignmentProblem(problem.distances(), 40, 30, outsideCosts);
        double scale = resolver.scale(distant);
        double[] plain = new PlainSinkhorn(distant).potentials(scale, SinkhornResolver.DEFAULT_EPSILON);

        // When
        double[] potentials = resolver.potentials(distant, scale);

        // Then
        for (int j = 0; j < plain.length; j++) {
            assertThat(potentials[j] * scale).isCloseTo(plain[j], within(1e-6 * scale));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void answerDoesNotDependOnTheOrderItemsArriveIn(Problem problem) {
        // Given
        List<Integer> first =
                new ArrayList<>(IntStream.range(0, problem.n()).boxed().toList());
        List<Integer> second = new ArrayList<>(first);
        Collections.shuffle(first, new Random(7));
        Collections.shuffle(second, new Random(8));

        // When
        Map<String, Integer> ofFirst = resolveAsArrived(problem, first);
        Map<String, Integer> ofSecond = resolveAsArrived(problem, second);

        // Then
        assertThat(ofFirst).isEqualTo(ofSecond);
    }

    @ParameterizedTest
    @MethodSource("upTo128")
    void answerDependsOnNothingThatCameBefore(Problem problem) {
        // Given
        int[] fresh =
                new SinkhornResolver().resolve(problem.distances(), problem.n(), problem.m(), problem.outsideCosts());

        // When
        resolve(Problems.vectors(70, 130, 32, Kind.CLUSTERS, 3));
        resolve(Problems.vectors(130, 70, 32, Kind.DUPLICATES, 4));
        int[] reused = resolve(problem);

        // Then
        assertThat(reused).containsExactly(fresh);
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "3, 8", "8, 8", "20, 64", "9, 4"})
    void identicalItemsSeparateByRowOrder(int n, int m) {
        // Given
        double[] row = Problems.vectors(1, m, 32, Kind.SCATTERED, m).distances();
        double[] distances = new double[n * m];
        for (int i = 0; i < n; i++) {
            System.arraycopy(row, 0, distances, i * m, m);
        }

        // When
        int[] assignment = resolver.resolve(distances, n, m, null);

        // Then: the nearest entries, nearest first
        int[] nearestFirst = IntStream.range(0, m)
                .boxed()
                .sorted((a, b) -> Double.compare(row[a], row[b]))
                .limit(Math.min(n, m))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] placed = Arrays.stream(assignment)
                .filter(entry -> entry != CollisionResolver.OUTSIDE)
                .toArray();
        assertThat(placed).containsExactly(nearestFirst);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 1e-30, 1e-6, 1e6, 1e30, 1e300})
    void unitOfTheDistancesDoesNotMatter(double unit) {
        for (Problem problem : List.of(
                Problems.vectors(20, 50, 32, Kind.DUPLICATES, 1),
                Problems.vectors(50, 50, 32, Kind.SCATTERED, 2),
                Problems.vectors(50, 20, 32, Kind.CLUSTERS, 3))) {
            // Given: a power of two, so that scaling loses no digits
            double factor = Math.scalb(1.0, Math.getExponent(unit));
            Problem scaled = new Problem(
                    problem.name(),
                    scaled(problem.distances(), factor),
                    problem.n(),
                    problem.m(),
                    scaled(problem.outsideCosts(), factor));

            // When
            int[] assignment = resolve(scaled);

            // Then
            assertThat(assignment).containsExactly(resolve(problem));
        }
    }

    @Test
    void farAwayEntriesDoNotBlurTheChoice() {
        // Given: entries 0 to 3 matter, the others are a million times farther
        Problem near = Problems.vectors(4, 4, 32, Kind.SCATTERED, 11);
        double[] distances = new double[4 * 200];
        Arrays.fill(distances, 1e8);
        for (int i = 0; i < 4; i++) {
            System.arraycopy(near.row(i), 0, distances, i * 200, 4);
        }

        // When
        int[] assignment = resolver.resolve(distances, 4, 200, null);

        // Then
        assertThat(assignment)
                .containsExactly(new OptimalResolver().resolve(near.distances(), 4, 4, null))
                .containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-9, 1e3, 1e10})
    void itemsThatStayAreThoseWithMostToLose(double outside) {
        // Given: all leave at the same cost, so the distances alone decide
        Problem problem = Problems.vectors(30, 10, 32, Kind.SCATTERED, 5);
        double[] outsideCosts = new double[30];
        Arrays.fill(outsideCosts, outside);
        int[] optimal = new OptimalResolver().resolve(problem.distances(), 30, 10, null);

        // When
        int[] assignment = resolver.resolve(problem.distances(), 30, 10, outsideCosts);

        // Then
        double[] free = new double[30];
        AssignmentProblem byDistance = new AssignmentProblem(problem.distances(), 30, 10, free);
        Assignments.assertPlacesAsManyAsFit(assignment, 30, 10);
        assertThat(byDistance.total(assignment)).isLessThanOrEqualTo(1.02 * byDistance.total(optimal));
    }

    @Test
    void oneFreeEntryGoesToTheItemThatSavesMost() {
        assertThat(resolver.resolve(new double[] {5, 3, 4}, 3, 1, new double[] {6, 9, 6}))
                .containsExactly(CollisionResolver.OUTSIDE, 0, CollisionResolver.OUTSIDE);
    }

    @Test
    void singleItemTakesTheCheapestEntryOfLowestIndex() {
        assertThat(resolver.resolve(new double[] {7, 2, 2, 9}, 1, 4, null)).containsExactly(1);
    }

    @Test
    void equalDistancesAreGivenInOrder() {
        assertThat(resolver.resolve(new double[12], 3, 4, null)).containsExactly(0, 1, 2);
    }

    @Test
    void withoutFreeEntriesEveryItemLeaves() {
        assertThat(resolver.resolve(new double[0], 2, 0, new double[2])).containsOnly(CollisionResolver.OUTSIDE);
    }

    @Test
    void distancesMayStandInALongerArray() {
        assertThat(resolver.resolve(new double[] {1, 2, 1, 9, 77, 77}, 2, 2, null))
                .containsExactly(1, 0);
    }

    @Test
    void refusesAnEpsilonThatIsNoShareOfTheScale() {
        assertThatThrownBy(() -> new SinkhornResolver(0)).hasMessage("epsilon is 0.0, expected 0.001 to 1");
        assertThatThrownBy(() -> new SinkhornResolver(Double.NaN)).hasMessageContaining("expected 0.001 to 1");
    }

    /** What a caller does: sorts what has arrived by the bytes of the id, as the contract asks, and resolves. */
    private Map<String, Integer> resolveAsArrived(Problem problem, List<Integer> arrived) {
        List<Integer> items = new ArrayList<>(arrived);
        items.sort((a, b) -> Arrays.compareUnsigned(id(a).getBytes(UTF_8), id(b).getBytes(UTF_8)));
        double[] distances = new double[problem.n() * problem.m()];
        double[] outsideCosts = new double[problem.n()];
        for (int row = 0; row < problem.n(); row++) {
            System.arraycopy(problem.row(items.get(row)), 0, distances, row * problem.m(), problem.m());
            outsideCosts[row] = problem.assignment().outsideCost(items.get(row));
        }
        int[] assignment = resolver.resolve(distances, problem.n(), problem.m(), outsideCosts);
        Map<String, Integer> byId = new TreeMap<>();
        for (int row = 0; row < problem.n(); row++) {
            byId.put(id(items.get(row)), assignment[row]);
        }
        return byId;
    }

    private static String id(int item) {
        return "item-" + item;
    }

    private int[] resolve(Problem problem) {
        return resolver.resolve(problem.distances(), problem.n(), problem.m(), problem.outsideCosts());
    }

    private static double[] scaled(double[] values, double factor) {
        return values == null
                ? null
                : Arrays.stream(values).map(value -> value * factor).toArray();
    }
}
