package io.residua.common.cli;

import java.util.Locale;

/** Formats progress for terminals, for all commands. */
public final class ProgressFormat {
    /** Moves the cursor to the beginning of the line and clears it. */
    public static final String CLEAR_LINE = "\r\u001B[K";

    private static final int WIDTH = 24;

    private ProgressFormat() {}

    /** A progress bar for a share of 0 to 1. */
    public static String bar(double done) {
        int filled = (int) Math.round(done * WIDTH);
        return "[" + "█".repeat(filled) + "·".repeat(WIDTH - filled) + "]";
    }

    /** Seconds as {@code m:ss} or {@code h:mm:ss}. */
    public static String duration(double seconds) {
        long whole = Math.round(Math.min(seconds, 1e8));
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
