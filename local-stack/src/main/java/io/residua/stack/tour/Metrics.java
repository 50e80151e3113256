package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import java.time.Duration;
import java.util.Optional;

/** The newest metrics of one model version. */
final class Metrics implements AutoCloseable {
    private static final Duration BLINK = Duration.ofMillis(100);

    private final TopicReader reader;
    private final String modelVersion;
    private IndexMetrics newest;

    Metrics(Clients clients, String topic, String modelVersion) {
        this.reader = new TopicReader(clients, topic);
        this.modelVersion = modelVersion;
    }

    /** The newest ones as soon as they agree with {@code recount}, or after {@code patience}. */
    Optional<IndexMetrics> await(Recount recount, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline
                && (newest == null || recount.differenceFrom(newest).isPresent())) {
            reader.poll(BLINK, record -> {
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
