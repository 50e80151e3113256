package io.residua.stack.tour;

import io.residua.common.event.TrainingEvent.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** Prints training progress: a progress bar on a terminal, otherwise one line for every 10 %. */
final class ProgressLine {
    private static final int WIDTH = 30;

    private final PrintStream out;
    private final boolean terminal;
    private int tenthsShown;
    private int longest;

    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void show(Progress progress) {
        double done = progress.epochs() == 0 ? 1 : progress.epoch() / (double) progress.epochs();
        if (terminal) {
            String line = bar(done) + " " + words(progress);
            longest = Math.max(longest, line.length());
            out.print("\r" + line + " ".repeat(longest - line.length()));
            out.flush();
        } else if ((int) (done * 10) > tenthsShown) {
            tenthsShown = (int) (done * 10);
            out.println("  " + words(progress));
        }
    }

    /** Ends the line of the progress bar. */
    void end() {
        if (longest > 0) {
            out.println();
        }
    }

    private static String bar(double done) {
        int full = (int) Math.round(Math.min(1, Math.max(0, done)) * WIDTH);
        return "  [" + "#".repeat(full) + ".".repeat(WIDTH - full) + "]";
    }

    private static String words(Progress progress) {
        return String.format(
                Locale.ROOT,
                "epoch %d/%d, loss %.4f, %,.0f rows/s, %.0f s left",
                progress.epoch(),
                progress.epochs(),
                progress.loss(),
                progress.rowsPerSecond(),
                progress.remainingSeconds());
    }
}
