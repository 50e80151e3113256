package io.residua.common.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Prints how many rows are done. On a terminal it is a progress bar that disappears at the end, otherwise one line
 * every few seconds. Shorter work prints nothing. For one thread.
 */
public final class RowProgress implements AutoCloseable {
    private static final long REDRAW = Duration.ofMillis(200).toNanos();
    private static final long LINE = Duration.ofSeconds(5).toNanos();

    private final PrintWriter out;
    private final String verb;
    private final long total;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final long start;
    private long last;
    private boolean drawn;

    /**
     * Starts counting.
     *
     * @param out usually stderr
     * @param verb the operation, such as "encoding"
     * @param total rows to do
     */
    public RowProgress(PrintWriter out, String verb, long total) {
        this(out, verb, total, System.console() != null, System::nanoTime);
    }

    RowProgress(PrintWriter out, String verb, long total, boolean terminal, LongSupplier nanoTime) {
        this.out = out;
        this.verb = verb;
        this.total = total;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.last = start;
    }

    /** Sets the number of rows done. */
    public void done(long rows) {
        long now = nanoTime.getAsLong();
        if (now - last < (terminal ? REDRAW : LINE)) {
            return;
        }
        last = now;
        double rate = rows / ((now - start) / 1e9);
        String figures = String.format(
                Locale.ROOT,
                "%s %,d/%,d rows  %,.0f rows/s  %s left",
                verb,
                rows,
                total,
                rate,
                ProgressFormat.duration((total - rows) / rate));
        if (terminal) {
            out.print(ProgressFormat.CLEAR_LINE + ProgressFormat.bar((double) rows / total) + " " + figures);
            drawn = true;
        } else {
            out.println(figures);
        }
        out.flush();
    }

    /** Clears the bar. */
    @Override
    public void close() {
        if (drawn) {
            out.print(ProgressFormat.CLEAR_LINE);
            out.flush();
        }
    }
}
