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
 * Opens an evaluation for every index that is building or ready, and retires it when the index is retired. Opening
 * needs the status, which names the codes topic, the model, which has the codebook sizes, and an existing topic. Status
 * and model may arrive in any order. Modified by one thread, readable by any.
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

    /** Starts and removes evaluations and lists topics. */
    interface Launcher {
        /** Which of {@code topics} exist. */
        Set<String> existing(Collection<String> topics);

        /** Starts evaluating the codes of {@code model} in {@code codesTopic}. */
        Evaluation start(ModelPublished model, String codesTopic);

        /** Stops an evaluation and deletes its state. */
        void retire(Evaluation evaluation);
    }

    /** Applies a record of the models topic; {@code null} is a tombstone. */
    void model(String version, ModelPublished model) {
        note(models, version, model);
    }

    /** Applies a record of {@code index-status}; {@code null} is a tombstone. */
    void status(String version, IndexStatus status) {
        note(statuses, version, status);
    }

    /** Opens the missing evaluations and retires the superfluous ones. */
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

    /** The versions of all models. */
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

    /** Stops all evaluations. They continue after the next start. */
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
