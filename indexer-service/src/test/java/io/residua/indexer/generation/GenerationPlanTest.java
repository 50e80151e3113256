package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.generation.GenerationPlan.Action;
import io.residua.indexer.generation.GenerationPlan.Action.CleanUp;
import io.residua.indexer.generation.GenerationPlan.Action.Close;
import io.residua.indexer.generation.GenerationPlan.Action.Open;
import io.residua.indexer.generation.GenerationPlan.Action.Reinstate;
import io.residua.indexer.generation.GenerationPlan.Action.Retire;
import io.residua.indexer.generation.GenerationPlan.Action.Supersede;
import io.residua.indexer.generation.GenerationPlan.Situation;
import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Paused;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.Refused;
import io.residua.indexer.generation.GenerationState.RemainingData;
import io.residua.indexer.generation.GenerationState.Retired;
import io.residua.indexer.generation.GenerationState.Superseded;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GenerationPlanTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration GRACE = Duration.ofHours(1);
    private static final Building BUILDING = new Building(1, 2);
    private static final Ready READY = new Ready(2, NOW.minusSeconds(9_000));
    private static final Superseded IN_GRACE = new Superseded(2, NOW.minusSeconds(9_000), NOW.minusSeconds(1));
    private static final Superseded OVER = new Superseded(2, NOW.minusSeconds(9_000), NOW.minus(GRACE));
    private static final Refused REFUSED = new Refused("no file");
    private static final Retired RETIRED = new Retired(NOW.minusSeconds(1), RemainingData.ALL);
    private static final Retired GONE = new Retired(NOW.minusSeconds(1), RemainingData.NONE);

    private final Map<String, GenerationState> states = new HashMap<>();
    private final Set<String> pinned = new HashSet<>();
    private final Set<String> running = new HashSet<>();
    private final Set<String> blocked = new HashSet<>();
    private final Set<String> withdrawn = new HashSet<>();

    @Test
    void newestModelBuildsAndOlderOnesDoNot() {
        // When / Then
        assertThat(plan("v1", "v2")).containsExactly(new Open("v2"));
    }

    @Test
    void newestIsTheOneWhoseRecordCameLast() {
        // Given
        states.put("v2", BUILDING);
        running.add("v2");

        // When / Then
        assertThat(plan("v2", "v1")).containsExactly(new Open("v1"));
    }

    @Test
    void readyGenerationIsOpenedBesideTheOneThatBuilds() {
        // Given
        states.put("v1", READY);

        // When / Then
        assertThat(plan("v1", "v2")).containsExactlyInAnyOrder(new Open("v1"), new Open("v2"));
    }

    @Test
    void buildingGenerationGoesOnUntilTheNewerOneHasBegun() {
        // Given
        states.put("v1", BUILDING);
        running.add("v1");

        // When
        List<Action> before = plan("v1", "v2");
        states.put("v2", BUILDING);
        running.add("v2");
        List<Action> after = plan("v1", "v2");

        // Then
        assertThat(before).containsExactly(new Open("v2"));
        assertThat(after).containsExactly(new Retire("v1"), new Close("v1"));
    }

    @Test
    void modelThatCannotBeOpenedLeavesTheBuildBeforeItAlone() {
        // Given
        states.put("v1", BUILDING);
        running.add("v1");
        states.put("v2", REFUSED);
        blocked.add("v2");

        // When / Then
        assertThat(plan("v1", "v2")).isEmpty();
    }

    @Test
    void refusedModelIsTriedAgainAndTheOneBeforeItBuildsMeanwhile() {
        // Given
        states.put("v2", REFUSED);

        // When
        List<Action> first = plan("v1", "v2");
        blocked.add("v2");
        List<Action> afterItsRefusal = plan("v1", "v2");

        // Then
        assertThat(first).containsExactly(new Open("v2"));
        assertThat(afterItsRefusal).containsExactly(new Open("v1"));
    }

    @Test
    void modelThatOthersBuildIsNotReplacedWhereItCannotBeOpened() {
        // Given
        states.put("v2", BUILDING);
        blocked.add("v2");

        // When / Then
        assertThat(plan("v1", "v2")).isEmpty();
    }

    @Test
    void pausedGenerationRetiresNoReadyOne() {
        // Given
        states.put("v1", READY);
        states.put("v2", new Paused(1, 2, "the model refused everything"));
        running.addAll(Set.of("v1", "v2"));

        // When / Then
        assertThat(plan("v1", "v2")).isEmpty();
    }

    @Test
    void supersededGenerationRunsForTheGracePeriodAndIsThenRetired() {
        // Given
        states.put("v1", READY);
        states.put("v2", READY);
        running.addAll(Set.of("v1", "v2"));

        // When
        List<Action> atFirst = plan("v1", "v2");
        states.put("v1", IN_GRACE);
        List<Action> inGrace = plan("v1", "v2");
        states.put("v1", OVER);
        List<Action> afterwards = plan("v1", "v2");

        // Then
        assertThat(atFirst).containsExactly(new Supersede("v1"));
        assertThat(inGrace).isEmpty();
        assertThat(afterwards).containsExactly(new Retire("v1"), new Close("v1"));
    }

    @Test
    void pinnedGenerationIsKeptHoweverLongItIsSuperseded() {
        // Given
        states.put("v1", OVER);
        states.put("v2", READY);
        running.add("v2");
        pinned.add("v1");

        // When / Then
        assertThat(plan("v1", "v2")).containsExactly(new Reinstate("v1"), new Open("v1"));
    }

    @Test
    void rollBackWithinTheGracePeriodOnlySwapsTheTwo() {
        // Given
        states.put("v1", IN_GRACE);
        states.put("v2", READY);
        running.addAll(Set.of("v1", "v2"));

        // When: the record of v1 was published again.
        List<Action> plan = plan("v2", "v1");

        // Then
        assertThat(plan).containsExactlyInAnyOrder(new Supersede("v2"), new Reinstate("v1"));
    }

    @Test
    void rollBackToARetiredGenerationFirstDeletesAllOfItAndThenBuildsIt() {
        // Given
        states.put("v1", RETIRED);
        states.put("v2", READY);
        running.add("v2");

        // When
        List<Action> first = plan("v2", "v1");
        states.put("v1", GONE);
        List<Action> then = plan("v2", "v1");

        // Then
        assertThat(first).containsExactly(new CleanUp("v1", true));
        assertThat(then).containsExactly(new Open("v1"));
    }

    @Test
    void retiredGenerationThatNobodyAsksForIsNotBuiltAgain() {
        // Given
        states.put("v1", GONE);
        states.put("v2", REFUSED);
        blocked.add("v2");

        // When / Then
        assertThat(plan("v1", "v2")).isEmpty();
    }

    @Test
    void codesOfARetiredGenerationAreKeptForTheGracePeriod() {
        // Given
        states.put("v1", RETIRED);
        states.put("v2", new Retired(NOW.minusSeconds(1), RemainingData.CODES));
        states.put("v3", new Retired(NOW.minus(GRACE), RemainingData.CODES));
        states.put("v4", READY);
        running.add("v4");

        // When / Then
        assertThat(plan("v1", "v2", "v3", "v4"))
                .containsExactlyInAnyOrder(new CleanUp("v1", false), new CleanUp("v3", true));
    }

    @Test
    void retiredGenerationIsClosedHereBeforeItIsDeleted() {
        // Given
        states.put("v1", RETIRED);
        states.put("v2", READY);
        running.addAll(Set.of("v1", "v2"));

        // When / Then
        assertThat(plan("v1", "v2")).containsExactly(new Close("v1"));
    }

    @Test
    void generationWhoseModelWasWithdrawnIsRetiredEvenIfPinned() {
        // Given
        states.put("v1", READY);
        running.add("v1");
        pinned.add("v1");
        withdrawn.add("v1");

        // When / Then
        assertThat(plan()).containsExactly(new Retire("v1"), new Close("v1"));
    }

    @Test
    void lossOfTheModelsTopicRetiresNothing() {
        // Given
        states.put("v1", READY);

        // When / Then
        assertThat(plan()).isEmpty();
    }

    @Test
    void refusedGenerationIsRetiredOnceANewerOneIsReady() {
        // Given
        states.put("v1", REFUSED);
        states.put("v2", BUILDING);
        running.add("v2");

        // When
        List<Action> before = plan("v1", "v2");
        states.put("v2", READY);
        List<Action> after = plan("v1", "v2");

        // Then
        assertThat(before).isEmpty();
        assertThat(after).containsExactly(new Retire("v1"));
    }

    private List<Action> plan(String... models) {
        return GenerationPlan.of(
                new Situation(List.of(models), withdrawn, states, pinned, running, blocked, NOW, GRACE, GRACE));
    }
}
