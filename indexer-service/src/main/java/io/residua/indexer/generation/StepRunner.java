package io.residua.indexer.generation;

import io.residua.common.event.IndexStatus;
import io.residua.common.topic.TopicsConfig;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Runs the steps of the control loop so that the failure of one generation does not affect the others. Remembers which
 * generations cannot be opened for now.
 */
final class StepRunner {
    private static final Logger LOG = Logger.getLogger(StepRunner.class);
    /** Time until a refused model is tried again. Its files may still be on the way to this machine. */
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(15);

    private final StatusTopic status;
    private final Runnable readStatus;
    private final TopicsConfig topicNames;
    private final Clock clock;
    private final Map<String, Refusal> refusals = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();

    /** Why a generation could not be opened, and when to try again. */
    private record Refusal(String reason, Instant retryAt) {}

    /** A step that may fail. */
    interface Step {
        void run() throws RefusedException, IOException;
    }

    /** {@code readStatus} reads everything that {@code status} does not know yet. */
    StepRunner(StatusTopic status, Runnable readStatus, TopicsConfig topicNames, Clock clock) {
        this.status = status;
        this.readStatus = readStatus;
        this.topicNames = topicNames;
        this.clock = clock;
    }

    /** Opens a generation. On failure it is blocked for a while. */
    void attemptOpen(String version, Step step) {
        try {
            step.run();
            refusals.remove(version);
        } catch (RefusedException e) {
            refuse(version, e);
        } catch (KafkaException e) {
            LOG.warnf("generation not opened, tried again later version=%s cause=%s", version, e.getMessage());
            block(version, e.getMessage());
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            LOG.debugf(e, "opening failed version=%s", version);
            refuse(version, RefusedException.here("it cannot be opened: " + firstLine(e), e));
        }
    }

    /** Runs another step, which the loop repeats anyway. Logs a failure once until it changes or disappears. */
    void attempt(String version, String name, Step step) {
        String key = version + "/" + name;
        try {
            step.run();
            failures.remove(key);
        } catch (RefusedException e) {
            refuse(version, e);
        } catch (KafkaException e) {
            if (isNew(key, e)) {
                LOG.warnf("step failed, repeated later version=%s step=%s cause=%s", version, name, e.getMessage());
            }
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            if (isNew(key, e)) {
                LOG.errorf(e, "step failed, repeated later version=%s step=%s", version, name);
            }
        }
    }

    private boolean isNew(String key, Throwable failure) {
        return !failure.toString().equals(failures.put(key, failure.toString()));
    }

    /** Versions that are blocked now. */
    Set<String> blocked() {
        Instant now = clock.instant();
        return refusals.entrySet().stream()
                .filter(entry -> now.isBefore(entry.getValue().retryAt()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Unblocks a version, because its model was published again. */
    void unblock(String version) {
        refusals.remove(version);
    }

    /** Whether the version was refused before for the same reason. */
    private boolean block(String version, String reason) {
        Refusal before =
                refusals.put(version, new Refusal(reason, clock.instant().plus(RETRY_INTERVAL)));
        return before != null && before.reason().equals(reason);
    }

    private static String firstLine(Throwable e) {
        return e.toString().lines().findFirst().orElse("");
    }

    private void refuse(String version, RefusedException e) {
        if (block(version, e.getMessage())) {
            return;
        }
        LOG.errorf("generation refused version=%s reason=%s", version, e.getMessage());
        try {
            // A status written from what was known before could undo what another replica has written since.
            readStatus.run();
            publishRefusal(version, e);
        } catch (KafkaException failure) {
            LOG.warnf("refusal not published, repeated later version=%s cause=%s", version, failure.getMessage());
            block(version, "not published: " + e.getMessage());
        }
    }

    private void publishRefusal(String version, RefusedException e) {
        IndexStatus last = status.of(version);
        if (last != null && last.state() == IndexStatus.State.RETIRED && last.identity() != null) {
            // What is left of it is still to be deleted.
            return;
        }
        // A reason that concerns this replica need not concern the one that runs the generation.
        if (last == null || last.state() == IndexStatus.State.REFUSED || e.holdsForAll()) {
            status.publishAndWait(StatusRecords.refused(
                    version, topicNames.itemCodes(version), e.getMessage(), last, clock.instant()));
        }
    }
}
