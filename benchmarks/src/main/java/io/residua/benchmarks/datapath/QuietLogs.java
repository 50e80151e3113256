package io.residua.benchmarks.datapath;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps what is measured from writing between the lines of a benchmark. Loaded after the log manager was chosen. */
public final class QuietLogs {
    /** Held here because a log manager may hold loggers weakly. */
    private static final Map<Logger, Level> LEVELS = Map.of(
            Logger.getLogger("org.apache.kafka"), Level.SEVERE,
            Logger.getLogger("io.residua"), Level.WARNING);

    private QuietLogs() {}

    /** Sets the loggers' levels. */
    public static void quieten() {
        LEVELS.forEach(Logger::setLevel);
    }
}
