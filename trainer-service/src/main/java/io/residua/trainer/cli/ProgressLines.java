package io.residua.trainer.cli;

import io.residua.trainer.run.TrainingNews;
import java.io.PrintStream;
import java.time.Duration;

/** Progress as plain lines, at most one every few seconds between evaluations. */
final class ProgressLines implements TrainingNews.Listener {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final PrintStream out;
    private long last = System.nanoTime() - INTERVAL.toNanos();

    ProgressLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void on(TrainingNews news) {
        if (news instanceof TrainingNews.Started started) {
            out.println(ProgressText.started(started));
        } else if (news instanceof TrainingNews.Quantising quantising) {
            out.println(ProgressText.quantising(quantising));
        } else if (news instanceof TrainingNews.Evaluated evaluated) {
            out.println(ProgressText.evaluated(evaluated));
        } else if (news instanceof TrainingNews.Finished finished) {
            out.println(ProgressText.finished(finished));
        } else if (news instanceof TrainingNews.Failed failed) {
            System.err.println("train: " + failed.reason());
        } else if (news instanceof TrainingNews.Progressed progressed && due()) {
            out.println("epoch " + progressed.epoch() + "/" + progressed.epochs() + "  "
                    + ProgressText.progressed(progressed));
        }
    }

    private boolean due() {
        if (System.nanoTime() - last < INTERVAL.toNanos()) {
            return false;
        }
        last = System.nanoTime();
        return true;
    }
}
