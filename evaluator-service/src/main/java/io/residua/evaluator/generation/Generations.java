package io.residua.evaluator.generation;

import static java.util.stream.Collectors.toMap;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.State;
import io.residua.common.event.ModelPublished;
import io.residua.evaluator.stream.Evaluation;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Opens an evaluation for every index that is being built or ready, and retires it when its index is. An index is known
 * by its status, which names the codes topic, and by its model, which has the codebooks' sizes; both must have come, in
 * any order, and the topic must exist. One thread changes it, any may ask.
 */
final class Generations implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Generations.class);

    private final Launcher launcher;
    private final Map<String, ModelPublished> models = new ConcurrentHashMap<>();
    private final Map<String, IndexStatus> statuses = new HashMap<>();
    private final Map<String, Evaluation> open = new ConcurrentHashMap<>();

    Generations(Launcher launcher) {
        this.launcher = launcher;
    }

    /** Starts and removes evaluations, and knows topics. */
    interface Launcher {
        /** Which of {@code topics} exist. */
        Set<String> existing(Collection<String> topics);

        /** Starts evaluating the codes of {@code model} in {@code codesTopic}. */
        Evaluation start(ModelPublished model, String codesTopic);

        /** Ends an evaluation and removes what it kept. */
        void retire(Evaluation evaluation);
    }

    /** Notes a model, {@code null} for one that was withdrawn. */
    void model(String version, ModelPublished model) {
        note(models, version, model);
    }

    /** Notes the state of an index, {@code null} for one that is gone. */
    void status(String version, IndexStatus status) {
        note(statuses, version, status);
    }

    /** Opens what should be open and is not, retires what should not be and is. */
    void reconcile() {
        open.keySet().stream().filter(version -> !isWanted(version)).toList().forEach(this::retire);
        Map<String, String> missing = statuses.keySet().stream()
                .filter(this::isWanted)
                .filter(version -> !open.containsKey(version))
                .collect(toMap(
                        version -> version, version -> statuses.get(version).codesTopic()));
        if (!missing.isEmpty()) {
            Set<String> existing = launcher.existing(missing.values());
            missing.forEach((version, topic) -> {
                if (existing.contains(topic)) {
                    open(version, topic);
                }
            });
        }
    }

    /** The versions of all models there are. */
    List<String> models() {
        return models.keySet().stream().sorted().toList();
    }

    /** The states of all open evaluations by model version. */
    Map<String, String> states() {
        return open.entrySet().stream()
                .collect(toMap(Map.Entry::getKey, entry -> entry.getValue().state()));
    }

    boolean allRunning() {
        return open.values().stream().allMatch(Evaluation::isRunning);
    }

    boolean anyFailed() {
        return open.values().stream().anyMatch(Evaluation::isFailed);
    }

    /** Ends all evaluations; they go on after the next start. */
    @Override
    public void close() {
        open.values().forEach(Evaluation::close);
        open.clear();
    }

    private boolean isWanted(String version) {
        IndexStatus status = statuses.get(version);
        return models.containsKey(version)
                && status != null
                && (status.state() == State.BUILDING || status.state() == State.READY);
    }

    private void open(String version, String topic) {
        open.put(version, launcher.start(models.get(version), topic));
        LOG.infof("evaluation opened version=%s topic=%s", version, topic);
    }

    private void retire(String version) {
        launcher.retire(open.remove(version));
        LOG.infof("evaluation retired version=%s", version);
    }

    private static <T> void note(Map<String, T> map, String version, T value) {
        if (value == null) {
            map.remove(version);
        } else {
            map.put(version, value);
        }
    }
}
