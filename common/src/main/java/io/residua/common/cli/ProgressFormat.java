package io.residua.common.cli;

import java.util.Locale;

/** How progress looks on a terminal, in every command. */
public final class ProgressFormat {
    /** Takes a terminal's cursor to the beginning of its line, and empties the line. */
    public static final String CLEAR_LINE = "\r\u001B[K";

    private static final int WIDTH = 24;

    private ProgressFormat() {}

    /** A bar that is filled to a share of 0 to 1. */
    public static String bar(double done) {
        int filled = (int) Math.round(done * WIDTH);
        return "[" + "█".repeat(filled) + "·".repeat(WIDTH - filled) + "]";
    }

    /** Seconds as minutes and seconds, with hours before them if there are any. */
    public static String duration(double seconds) {
        long whole = Math.round(Math.min(seconds, 1e8));
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
