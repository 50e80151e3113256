package io.residua.indexer.generation;

import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.Refused;
import io.residua.indexer.generation.GenerationState.RemainingData;
import io.residua.indexer.generation.GenerationState.Retired;
import io.residua.indexer.generation.GenerationState.Superseded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes the steps a replica has to take so that the wanted generations run. A pure function of what {@code models},
 * {@code index-status} and the configuration say and of what runs here.
 *
 * <p>The newest usable model builds. The newest ready generation runs. An older ready one runs on for a grace period,
 * or as long as it is pinned. Everything else is retired, and what is retired is deleted.
 */
final class GenerationPlan {
    private final Situation situation;
    private final List<String> models;
    private final Map<String, GenerationState> states;
    private final List<Action> actions = new ArrayList<>();
    private final Set<String> wanted = new LinkedHashSet<>();

    private GenerationPlan(Situation situation) {
        this.situation = situation;
        this.models = situation.models();
        this.states = situation.states();
    }

    /**
     * What is known.
     *
     * @param models versions in the order of their records' offsets, newest last
     * @param withdrawn versions whose model was deleted from {@code models}
     * @param states what {@code index-status} says; versions it does not know are absent
     * @param pinned versions that are kept although a newer one is ready
     * @param running versions that run here
     * @param blocked versions that could not be opened here a moment ago
     * @param now the time
     * @param supersedeGrace how long a superseded generation runs on
     * @param codesGrace how long a retired generation's codes are kept
     */
    record Situation(
            List<String> models,
            Set<String> withdrawn,
            Map<String, GenerationState> states,
            Set<String> pinned,
            Set<String> running,
            Set<String> blocked,
            Instant now,
            Duration supersedeGrace,
            Duration codesGrace) {}

    /** One step. All steps are idempotent. */
    sealed interface Action {
        String version();

        /** Start the generation on this replica. */
        record Open(String version) implements Action {}

        /** Stop the generation on this replica. */
        record Close(String version) implements Action {}

        /** Write to {@code index-status} that the generation is superseded. */
        record Supersede(String version) implements Action {}

        /** Write that it is ready again. */
        record Reinstate(String version) implements Action {}

        /** Write that it is retired. */
        record Retire(String version) implements Action {}

        /** Delete the data of a retired generation; its codes and artifacts, too, if {@code everything}. */
        record CleanUp(String version, boolean everything) implements Action {}
    }

    /** The steps to take now, each independent of whether the ones before it succeed. */
    static List<Action> of(Situation situation) {
        GenerationPlan plan = new GenerationPlan(situation);
        plan.planReady();
        plan.planBuilding();
        plan.planRetired();
        plan.planRunning();
        return List.copyOf(plan.actions);
    }

    /** The newest generation that is ready, {@code except} left out; {@code null} if there is none. */
    static String newestReady(List<String> models, Map<String, GenerationState> states, String except) {
        for (int i = models.size() - 1; i >= 0; i--) {
            GenerationState state = states.get(models.get(i));
            if (state != null && state.isReady() && !models.get(i).equals(except)) {
                return models.get(i);
            }
        }
        return null;
    }

    private void planReady() {
        String newestReady = newestReady(models, states, null);
        for (String version : models) {
            GenerationState state = states.get(version);
            if (state == null || !state.isReady()) {
                continue;
            }
            boolean kept = version.equals(newestReady) || situation.pinned().contains(version);
            if (state instanceof Superseded && kept) {
                actions.add(new Action.Reinstate(version));
            } else if (state instanceof Ready && !kept) {
                actions.add(new Action.Supersede(version));
            }
            boolean over = state instanceof Superseded superseded
                    && superseded.isOver(situation.supersedeGrace(), situation.now());
            if (over && !kept) {
                actions.add(new Action.Retire(version));
            } else {
                wanted.add(version);
            }
        }
    }

    /** The newest usable model builds. Once it has begun, the one that built before is retired. */
    private void planBuilding() {
        boolean newerHasBegun = false;
        boolean newerIsReady = false;
        boolean newerMayBegin = false;
        for (int i = models.size() - 1; i >= 0; i--) {
            String version = models.get(i);
            GenerationState state = states.get(version);
            boolean superseded = state instanceof Refused ? newerIsReady : newerHasBegun;
            if (superseded && state != null && (state.isBuilding() || state instanceof Refused)) {
                actions.add(new Action.Retire(version));
            } else if (!newerHasBegun && isBuilder(version, state, i == models.size() - 1, newerMayBegin)) {
                wanted.add(version);
                newerMayBegin |= !situation.blocked().contains(version);
            }
            newerIsReady |= state != null && state.isReady();
            newerHasBegun |= state != null && (state.isReady() || state.isBuilding());
        }
    }

    /** A retired generation is built again only if its model is published again, which makes it the newest. */
    private boolean isBuilder(String version, GenerationState state, boolean newest, boolean newerMayBegin) {
        if (state == null || state instanceof Refused) {
            return !newerMayBegin && !situation.blocked().contains(version);
        }
        if (state instanceof Retired retired) {
            return newest
                    && retired.remaining() == RemainingData.NONE
                    && !situation.running().contains(version);
        }
        // A building generation continues until a newer one has begun, so that a broken model does not stop it.
        return state.isBuilding() && (!newerMayBegin || situation.running().contains(version));
    }

    private void planRetired() {
        for (String version : situation.withdrawn()) {
            GenerationState state = states.get(version);
            if (state != null && !(state instanceof Retired)) {
                actions.add(new Action.Retire(version));
            }
        }
        String newest = models.isEmpty() ? null : models.get(models.size() - 1);
        states.forEach((version, state) -> {
            if (state instanceof Retired retired
                    && retired.remaining() != RemainingData.NONE
                    && !situation.running().contains(version)) {
                boolean everything = version.equals(newest) || retired.isOver(situation.codesGrace(), situation.now());
                if (everything || retired.remaining() == RemainingData.ALL) {
                    actions.add(new Action.CleanUp(version, everything));
                }
            }
        });
    }

    private void planRunning() {
        for (String version : situation.running()) {
            if (!wanted.contains(version)) {
                actions.add(new Action.Close(version));
            }
        }
        for (String version : wanted) {
            if (!situation.running().contains(version) && !situation.blocked().contains(version)) {
                actions.add(new Action.Open(version));
            }
        }
    }
}
