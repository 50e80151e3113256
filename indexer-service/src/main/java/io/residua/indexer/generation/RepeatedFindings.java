package io.residua.indexer.generation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Confirms what a broker reports about the topics of a generation. A broker that lags behind may not know a topic yet, or
 * may still know an earlier one, so a finding is believed only after it was made again and again for some seconds. Findings
 * with a longer pause between them are unrelated: the generation may have been closed meanwhile. Not thread-safe.
 */
final class RepeatedFindings {
    private static final Duration CONFIRM_AFTER = Duration.ofSeconds(5);
    /** Much longer than {@code residua.index.purge-interval}, at which the control loop looks again. */
    private static final Duration FORGET_AFTER = Duration.ofMinutes(15);

    private final Clock clock;
    private final Map<String, Finding> findings = new HashMap<>();

    /** What was found wrong, first and last when. */
    private record Finding(String reason, Instant first, Instant last) {
        boolean isContinuedBy(String otherReason, Instant now) {
            return reason.equals(otherReason) && now.isBefore(last.plus(FORGET_AFTER));
        }
    }

    RepeatedFindings(Clock clock) {
        this.clock = clock;
    }

    /** Nothing is wrong with the generation now. */
    void clear(String version) {
        findings.remove(version);
    }

    /**
     * Records a refusal. Returns if it has been found for long enough.
     *
     * @throws UnknownTopicOrPartitionException if it must be found again before it is believed
     */
    void confirm(String version, RefusedException refusal) {
        Instant now = clock.instant();
        Finding before = findings.get(version);
        boolean continued = before != null && before.isContinuedBy(refusal.getMessage(), now);
        Instant first = continued ? before.first() : now;
        findings.put(version, new Finding(refusal.getMessage(), first, now));
        if (now.isBefore(first.plus(CONFIRM_AFTER))) {
            throw new UnknownTopicOrPartitionException("to be confirmed: " + refusal.getMessage());
        }
    }
}
