package io.residua.trainer.job;

import io.residua.common.event.TrainingEvent.Progress;
import io.residua.trainer.run.TrainingNews;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes progress events of a job's news, not more than one per interval. */
final class JobProgress implements Consumer<TrainingNews> {
    private final long intervalNanos;
    private final Consumer<Progress> teller;
    private long lastReport;
    private Double collisionRate;
    private String failure;

    JobProgress(Duration interval, Consumer<Progress> teller) {
        this.intervalNanos = interval.toNanos();
        this.teller = teller;
        this.lastReport = System.nanoTime() - intervalNanos;
    }

    @Override
    public void accept(TrainingNews news) {
        if (news instanceof TrainingNews.Evaluated evaluated) {
            collisionRate = evaluated.evaluation().collisionRate();
        } else if (news instanceof TrainingNews.Failed failed) {
            failure = failed.reason();
        } else if (news instanceof TrainingNews.Progressed progressed && due(progressed)) {
            lastReport = System.nanoTime();
            teller.accept(new Progress(
                    progressed.epoch(),
                    progressed.epochs(),
                    progressed.loss(),
                    progressed.reconstructionLoss(),
                    collisionRate,
                    progressed.rowsPerSecond(),
                    progressed.remainingSeconds()));
        }
    }

    private boolean due(TrainingNews.Progressed progressed) {
        // What diverges ends the job, and is no number that an event could carry.
        return System.nanoTime() - lastReport >= intervalNanos && Double.isFinite(progressed.loss());
    }

    /** Why the process could not go on, as it said itself. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }
}
