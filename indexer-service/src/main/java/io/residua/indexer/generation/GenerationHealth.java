package io.residua.indexer.generation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Health of this replica. Ready means that it works now: the broker answers, no state is being restored, no encoder
 * fails. Not alive means that only a restart can help. An unreachable broker does not affect liveness.
 */
final class GenerationHealth {
    /** An encoder that fails for longer, while the broker answers, needs a restart. */
    private static final Duration UNHEALTHY_AFTER = Duration.ofMinutes(5);

    private final BrokerHeartbeat heartbeat;

    GenerationHealth(BrokerHeartbeat heartbeat) {
        this.heartbeat = heartbeat;
    }

    /**
     * Why this replica is not ready; empty if it is ready.
     *
     * @param startTrouble why the control loop has not started; {@code null} once it has
     * @param expected the version whose index is in use; {@code null} if there is none
     */
    Optional<String> trouble(String startTrouble, String expected, List<Generation> generations) {
        if (!heartbeat.isAnswering()) {
            return Optional.of("the broker does not answer");
        }
        if (startTrouble != null) {
            return Optional.of(startTrouble);
        }
        if (expected != null
                && generations.stream().noneMatch(open -> open.modelVersion().equals(expected))) {
            return Optional.of("generation " + expected + ", whose index is in use, does not run here");
        }
        for (Generation generation : generations) {
            String version = generation.modelVersion();
            if (expected != null && generation.state().isBuilding()) {
                // It is still building: only the index in use counts.
                continue;
            }
            if (!generation.pipeline().isServing()) {
                return Optional.of("generation " + version + " is connecting or restoring its state");
            }
            Optional<String> encode = generation.pipeline().encodeTrouble();
            if (encode.isPresent()) {
                return Optional.of("encoding of generation " + version + " fails: " + encode.get());
            }
        }
        return Optional.empty();
    }

    /**
     * Why this replica needs a restart; empty if it is alive.
     *
     * @param loopIsAlive whether the control loop's thread runs
     */
    Optional<String> failure(boolean loopIsAlive, List<Generation> generations) {
        if (!loopIsAlive) {
            return Optional.of("the generations' thread has ended");
        }
        if (!heartbeat.hasAnsweredFor(UNHEALTHY_AFTER)) {
            return Optional.empty();
        }
        return generations.stream()
                // The control loop reopens a generation that is not serving.
                .filter(generation -> generation.pipeline().isServing())
                .flatMap(generation -> generation.pipeline().failure().stream())
                .findFirst();
    }
}
