package io.residua.evaluator.generation;

import static io.residua.evaluator.TestItems.SIZES;
import static io.residua.evaluator.TestItems.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.State;
import io.residua.common.event.ModelPublished;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.stream.Evaluation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GenerationsTest {
    private final RecordingLauncher launcher = new RecordingLauncher();
    private final Generations generations = new Generations(launcher);

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"BUILDING", "READY"})
    void opensAnIndexWhoseModelAndTopicAreThere(State state) {
        // Given
        launcher.topics.add("codes-m1");
        generations.model("m1", TestItems.model("m1", SIZES));
        generations.status("m1", status("m1", state));

        // When
        generations.reconcile();
        generations.reconcile();

        // Then
        assertThat(launcher.log).containsExactly("start m1 codes-m1");
        assertThat(generations.states()).containsOnlyKeys("m1");
    }

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"RETIRED", "REFUSED"})
    void leavesAnIndexAloneThatIsRetiredOrRefused(State state) {
        // Given
        launcher.topics.add("codes-m1");
        generations.model("m1", TestItems.model("m1", SIZES));
        generations.status("m1", status("m1", state));

        // When
        generations.reconcile();

        // Then
        assertThat(launcher.log).isEmpty();
    }

    @Test
    void waitsForTheModel() {
        // Given
        launcher.topics.add("codes-m1");
        generations.status("m1", status("m1", State.BUILDING));
        generations.reconcile();
        generations.model("m1", TestItems.model("m1", SIZES));

        // When
        generations.reconcile();

        // Then
        assertThat(launcher.log).containsExactly("start m1 codes-m1");
    }

    @Test
    void waitsForTheTopic() {
        // Given
        generations.model("m1", TestItems.model("m1", SIZES));
        generations.status("m1", status("m1", State.BUILDING));
        generations.reconcile();
        launcher.topics.add("codes-m1");

        // When
        generations.reconcile();

        // Then
        assertThat(launcher.log).containsExactly("start m1 codes-m1");
    }

    @Test
    void retiresAnEvaluationWithItsIndexAndKeepsTheOthers() {
        // Given
        launcher.topics.addAll(List.of("codes-m1", "codes-m2"));
        for (String version : List.of("m1", "m2")) {
            generations.model(version, TestItems.model(version, SIZES));
            generations.status(version, status(version, State.READY));
            generations.reconcile();
        }

        // When
        generations.status("m1", status("m1", State.RETIRED));
        generations.reconcile();

        // Then
        assertThat(launcher.log).containsExactly("start m1 codes-m1", "start m2 codes-m2", "retire m1");
        assertThat(generations.states()).containsOnlyKeys("m2");
    }

    @Test
    void retiresAnEvaluationWhoseStatusWasDeleted() {
        // Given
        launcher.topics.add("codes-m1");
        generations.model("m1", TestItems.model("m1", SIZES));
        generations.status("m1", status("m1", State.READY));
        generations.reconcile();

        // When
        generations.status("m1", null);
        generations.reconcile();

        // Then
        assertThat(launcher.log).containsExactly("start m1 codes-m1", "retire m1");
    }

    @Test
    void isRunningWhileEveryEvaluationIsAndFailedOnceOneIs() {
        // Given
        launcher.topics.add("codes-m1");
        generations.model("m1", TestItems.model("m1", SIZES));
        generations.status("m1", status("m1", State.READY));
        boolean runningWithoutAny = generations.allRunning();
        generations.reconcile();

        // When
        launcher.started.get(0).state = "error";

        // Then
        assertThat(runningWithoutAny).isTrue();
        assertThat(generations.allRunning()).isFalse();
        assertThat(generations.anyFailed()).isTrue();
    }

    @Test
    void closingEndsEvaluationsWithoutRetiringThem() {
        // Given
        launcher.topics.add("codes-m1");
        generations.model("m1", TestItems.model("m1", SIZES));
        generations.status("m1", status("m1", State.READY));
        generations.reconcile();

        // When
        generations.close();

        // Then
        assertThat(launcher.started.get(0).state).isEqualTo("closed");
        assertThat(launcher.log).containsExactly("start m1 codes-m1");
    }

    private static IndexStatus status(String version, State state) {
        return new IndexStatus(version, state, "codes-" + version, "topic-id", 0, 10, null, TIME);
    }

    private static final class RecordingLauncher implements Generations.Launcher {
        private final Set<String> topics = new HashSet<>();
        private final List<String> log = new ArrayList<>();
        private final List<RecordedEvaluation> started = new ArrayList<>();

        @Override
        public Set<String> existing(Collection<String> names) {
            Set<String> existing = new HashSet<>(names);
            existing.retainAll(topics);
            return existing;
        }

        @Override
        public Evaluation start(ModelPublished model, String codesTopic) {
            log.add("start " + model.modelVersion() + " " + codesTopic);
            started.add(new RecordedEvaluation(model.modelVersion()));
            return started.get(started.size() - 1);
        }

        @Override
        public void retire(Evaluation evaluation) {
            log.add("retire " + evaluation.applicationId());
        }
    }

    private static final class RecordedEvaluation implements Evaluation {
        private final String version;
        private String state = "running";

        RecordedEvaluation(String version) {
            this.version = version;
        }

        @Override
        public boolean isRunning() {
            return state.equals("running");
        }

        @Override
        public boolean isFailed() {
            return state.equals("error");
        }

        @Override
        public String state() {
            return state;
        }

        @Override
        public String applicationId() {
            return version;
        }

        @Override
        public Set<String> internalTopics() {
            return Set.of();
        }

        @Override
        public void close() {
            state = "closed";
        }

        @Override
        public void retire() {
            throw new AssertionError("only the launcher retires");
        }
    }
}
