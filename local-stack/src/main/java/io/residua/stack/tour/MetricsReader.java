package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import java.time.Duration;
import java.util.Optional;

/** Reads the newest {@code index-metrics} of one model version. */
final class MetricsReader implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    private final TopicReader reader;
    private final String modelVersion;
    private IndexMetrics newest;

    MetricsReader(Clients clients, String topic, String modelVersion) {
        this.reader = new TopicReader(clients, topic);
        this.modelVersion = modelVersion;
    }

    /** Waits until the newest metrics equal {@code recomputed}. On timeout it returns the newest ones as they are. */
    Optional<IndexMetrics> await(RecomputedMetrics recomputed, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline
                && (newest == null || recomputed.differenceFrom(newest).isPresent())) {
            reader.poll(POLL_TIMEOUT, record -> {
                if (record.value() != null) {
                    IndexMetrics metrics = Json.read(record.value(), IndexMetrics.class);
                    if (metrics.modelVersion().equals(modelVersion)) {
                        newest = metrics;
                    }
                }
            });
        }
        return Optional.ofNullable(newest);
    }

    @Override
    public void close() {
        reader.close();
    }
}
