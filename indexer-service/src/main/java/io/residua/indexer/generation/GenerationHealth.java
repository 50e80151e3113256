package io.residua.indexer.generation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Judges this replica. Ready means that it does its work now: the broker answers, no state is being restored, no encoder
 * fails. Not alive means that only a restart may help: a broker that is away is waited for.
 */
final class GenerationHealth {
    /** An encoder that fails for so long while the broker answers does not recover by itself. */
    private static final Duration UNHEALTHY_AFTER = Duration.ofMinutes(5);

    private final BrokerHeartbeat heartbeat;

    GenerationHealth(BrokerHeartbeat heartbeat) {
        this.heartbeat = heartbeat;
    }

    /**
     * Why this replica cannot do its work now.
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
                // It is on its way; the index in use decides.
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
     * Why a restart may help.
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
                // What is not serving is opened again by the control loop.
                .filter(generation -> generation.pipeline().isServing())
                .flatMap(generation -> generation.pipeline().failure().stream())
                .findFirst();
    }
}
