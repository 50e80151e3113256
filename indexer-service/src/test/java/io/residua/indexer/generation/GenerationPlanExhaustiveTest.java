package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.generation.GenerationPlan.Action;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Every situation of three models: all states, pinned or not, running or not, blocked or not. */
class GenerationPlanExhaustiveTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration GRACE = Duration.ofHours(1);
    private static final List<String> MODELS = List.of("v1", "v2", "v3");
    private static final Set<Set<String>> COMPATIBLE =
            Set.of(Set.of("Retire", "Close"), Set.of("Reinstate", "Open"), Set.of("Supersede", "Open"));
    private static final int MAX_STEPS = 12;
    private static final List<GenerationState> STATES = new ArrayList<>(Arrays.asList(
            null,
            new Building(1, 2),
            new Paused(1, 2, "refused everything"),
            new Ready(2, NOW),
            new Superseded(2, NOW, NOW.minusSeconds(1)),
            new Superseded(2, NOW, NOW.minus(GRACE)),
            new Refused("no file"),
            new Retired(NOW, RemainingData.ALL),
            new Retired(NOW.minus(GRACE), RemainingData.ALL),
            new Retired(NOW, RemainingData.CODES),
            new Retired(NOW.minus(GRACE), RemainingData.CODES),
            new Retired(NOW, RemainingData.NONE)));

    @Test
    void newestReadyGenerationIsNeverClosedOrRetired() {
        forAll(situation -> {
            String newestReady = GenerationPlan.newestReady(MODELS, situation.states(), null);
            assertThat(GenerationPlan.of(situation))
                    .as("%s", situation)
                    .doesNotContain(new Action.Retire(String.valueOf(newestReady)))
                    .doesNotContain(new Action.Close(String.valueOf(newestReady)));
        });
    }

    @Test
    void pinnedReadyGenerationIsNeverClosedOrRetired() {
        forAll(situation -> {
            for (Action action : GenerationPlan.of(situation)) {
                GenerationState state = situation.states().get(action.version());
                boolean kept = situation.pinned().contains(action.version()) && state != null && state.isReady();
                assertThat(kept && (action instanceof Action.Retire || action instanceof Action.Close))
                        .as("%s in %s", action, situation)
                        .isFalse();
            }
        });
    }

    @Test
    void noPlanContradictsItself() {
        forAll(situation -> {
            Map<String, Set<String>> kinds = new HashMap<>();
            List<Action> plan = GenerationPlan.of(situation);
            plan.forEach(action -> kinds.computeIfAbsent(action.version(), v -> new HashSet<>())
                    .add(action.getClass().getSimpleName()));
            assertThat(plan).as("%s", situation).doesNotHaveDuplicates();
            assertThat(kinds.values().stream().filter(set -> set.size() > 1))
                    .as("%s", situation)
                    .allMatch(COMPATIBLE::contains);
        });
    }

    @Test
    void nothingIsDeletedWhileItRunsHereOrIsNotRetired() {
        forAll(situation -> {
            for (Action action : GenerationPlan.of(situation)) {
                if (action instanceof Action.CleanUp) {
                    assertThat(situation.running()).doesNotContain(action.version());
                    assertThat(situation.states().get(action.version())).isInstanceOf(Retired.class);
                }
            }
        });
    }

    @Test
    void atMostOneGenerationIsOpenedToBuildAndNoneThatIsBlocked() {
        forAll(situation -> {
            List<Action> opened = GenerationPlan.of(situation).stream()
                    .filter(action -> action instanceof Action.Open)
                    .toList();
            assertThat(opened)
                    .as("%s", situation)
                    .noneMatch(action -> situation.blocked().contains(action.version()));
            assertThat(opened.stream().filter(action -> !isReady(situation, action.version())))
                    .as("%s", situation)
                    .hasSizeLessThanOrEqualTo(1);
        });
    }

    @Test
    void whenEveryStepSucceedsThePlanSoonHasNoneLeftAndAtMostOneBuilds() {
        forAll(situation -> {
            // When
            Simulation simulation = new Simulation(situation);
            int steps = 0;
            while (simulation.step()) {
                assertThat(++steps).as("%s", situation).isLessThan(MAX_STEPS);
            }

            // Then
            assertThat(simulation.states.entrySet().stream()
                            .filter(entry -> entry.getValue().isBuilding()))
                    .as("%s", situation)
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(simulation.running).as("%s", situation).allSatisfy(version -> assertThat(
                            simulation.states.get(version).isReady()
                                    || simulation.states.get(version).isBuilding())
                    .isTrue());
        });
    }

    private static boolean isReady(Situation situation, String version) {
        GenerationState state = situation.states().get(version);
        return state != null && state.isReady();
    }

    private static void forAll(Consumer<Situation> check) {
        int combinations = STATES.size() * STATES.size() * STATES.size();
        for (int combination = 0; combination < combinations; combination++) {
            Map<String, GenerationState> states = new HashMap<>();
            int rest = combination;
            for (String version : MODELS) {
                GenerationState state = STATES.get(rest % STATES.size());
                rest /= STATES.size();
                if (state != null) {
                    states.put(version, state);
                }
            }
            for (int bits = 0; bits < 1 << 9; bits++) {
                check.accept(new Situation(
                        MODELS,
                        Set.of(),
                        states,
                        subset(bits),
                        subset(bits >> 3),
                        subset(bits >> 6),
                        NOW,
                        GRACE,
                        GRACE));
            }
        }
    }

    private static Set<String> subset(int bits) {
        Set<String> subset = new HashSet<>();
        for (int i = 0; i < MODELS.size(); i++) {
            if ((bits >> i & 1) == 1) {
                subset.add(MODELS.get(i));
            }
        }
        return subset;
    }

    /** A replica whose every step succeeds, at one moment. */
    private static final class Simulation {
        private final Situation start;
        private final Map<String, GenerationState> states;
        private final Set<String> running;

        Simulation(Situation start) {
            this.start = start;
            this.states = new HashMap<>(start.states());
            this.running = new HashSet<>(start.running());
        }

        /** Does what is planned; false if that changed nothing. */
        boolean step() {
            Map<String, GenerationState> before = Map.copyOf(states);
            Set<String> runningBefore = Set.copyOf(running);
            List<Action> plan = GenerationPlan.of(new Situation(
                    MODELS, Set.of(), before, start.pinned(), runningBefore, start.blocked(), NOW, GRACE, GRACE));
            plan.forEach(this::act);
            running.forEach(this::report);
            return !before.equals(states) || !runningBefore.equals(running);
        }

        /** What runs says so, unless it was retired. */
        private void report(String version) {
            GenerationState state = states.get(version);
            if (state == null || state instanceof Refused) {
                states.put(version, new Building(0, 2));
            }
        }

        private void act(Action action) {
            String version = action.version();
            GenerationState state = states.get(version);
            if (action instanceof Action.Open) {
                running.add(version);
                if (state == null || !state.isReady()) {
                    states.put(version, new Building(0, 2));
                }
            } else if (action instanceof Action.Close) {
                running.remove(version);
            } else if (action instanceof Action.Supersede) {
                states.put(version, ((Ready) state).toSuperseded(NOW));
            } else if (action instanceof Action.Reinstate) {
                states.put(version, ((Superseded) state).toReady());
            } else if (action instanceof Action.Retire) {
                states.put(version, state.toRetired(NOW));
            } else if (action instanceof Action.CleanUp cleanUp) {
                RemainingData left = cleanUp.everything() ? RemainingData.NONE : RemainingData.CODES;
                states.put(version, new Retired(((Retired) state).since(), left));
            }
        }
    }
}
