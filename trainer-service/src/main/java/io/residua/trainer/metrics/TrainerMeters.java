package io.residua.trainer.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Progress;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Every meter of the trainer. */
@ApplicationScoped
public class TrainerMeters {
    private static final Progress NONE = new Progress(0, 0, 0, 0, null, 0, 0);

    private final MeterRegistry registry;
    private final Counter crashes;
    private final Counter refusedRecords;
    private final AtomicInteger waiting;
    private final AtomicInteger running;
    private final AtomicReference<Progress> progress = new AtomicReference<>(NONE);

    TrainerMeters(MeterRegistry registry) {
        this.registry = registry;
        crashes = Counter.builder("residua.trainer.crashes")
                .description("Training processes that ended unexpectedly")
                .register(registry);
        refusedRecords = Counter.builder("residua.trainer.snapshot.refused")
                .description("Records of item-embeddings that snapshots left out because they are no embedding")
                .register(registry);
        waiting = registry.gauge("residua.trainer.jobs.waiting", new AtomicInteger());
        running = registry.gauge("residua.trainer.jobs.running", new AtomicInteger());
        registry.gauge("residua.trainer.epoch", progress, latest -> latest.get().epoch());
        registry.gauge(
                "residua.trainer.epochs", progress, latest -> latest.get().epochs());
        registry.gauge("residua.trainer.loss", progress, latest -> latest.get().loss());
        registry.gauge("residua.trainer.rows.per.second", progress, latest -> latest.get()
                .rowsPerSecond());
    }

    /** A request has ended. */
    public void ended(TrainingEvent.Type how) {
        Counter.builder("residua.trainer.requests")
                .description("Requests ended")
                .tag("as", how.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment();
    }

    /** A training process ended unexpectedly. */
    public void crashed() {
        crashes.increment();
    }

    /** A snapshot left out records that are no embedding. */
    public void refusedRecords(long count) {
        refusedRecords.increment(count);
    }

    /** So many jobs wait. */
    public void waiting(int jobs) {
        waiting.set(jobs);
    }

    /** A job runs, or none. */
    public void running(boolean job) {
        running.set(job ? 1 : 0);
        progress.set(NONE);
    }

    /** The running job is that far. */
    public void progress(Progress latest) {
        progress.set(latest);
    }
}
