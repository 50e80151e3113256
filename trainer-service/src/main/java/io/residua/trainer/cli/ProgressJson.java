package io.residua.trainer.cli;

import io.residua.common.event.Json;
import io.residua.trainer.run.TrainingNews;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Progress as one line of JSON each, behind a prefix that no log line has. */
public final class ProgressJson implements TrainingNews.Listener {
    private static final String PREFIX = "@residua ";

    private final PrintStream out;

    ProgressJson(PrintStream out) {
        this.out = out;
    }

    @Override
    public void on(TrainingNews news) {
        out.println(PREFIX + new String(Json.write(news), StandardCharsets.UTF_8));
        out.flush();
    }

    /** The news that a line of a job's output carries; nothing if it is a log line. */
    public static Optional<TrainingNews> parse(String line) {
        return line.startsWith(PREFIX)
                ? Optional.of(
                        Json.read(line.substring(PREFIX.length()).getBytes(StandardCharsets.UTF_8), TrainingNews.class))
                : Optional.empty();
    }
}
