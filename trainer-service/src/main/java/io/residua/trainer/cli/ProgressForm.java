package io.residua.trainer.cli;

import io.residua.trainer.run.TrainingNews.Listener;
import java.util.List;

/** How a run's progress is shown. */
enum ProgressForm {
    /** A bar on a terminal, lines elsewhere. */
    AUTO,
    /** A bar that redraws itself. */
    BAR,
    /** A line now and then. */
    LINES,
    /** Lines that another program reads. */
    JSON;

    Listener listener() {
        return switch (this) {
            case AUTO -> System.console() == null ? new ProgressLines(System.out) : new ProgressBar(System.out);
            case BAR -> new ProgressBar(System.out);
            case LINES -> new ProgressLines(System.out);
            case JSON -> new ProgressJson(System.out);
        };
    }

    /** The form that arguments ask for which cannot be parsed as a whole. */
    static ProgressForm ofArguments(String... args) {
        List<String> words = List.of(args);
        int at = words.indexOf("--progress");
        return at >= 0 && at + 1 < words.size() && words.get(at + 1).equalsIgnoreCase("json") ? JSON : AUTO;
    }
}
