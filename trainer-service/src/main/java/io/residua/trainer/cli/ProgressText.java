package io.residua.trainer.cli;

import io.residua.common.cli.ProgressFormat;
import io.residua.trainer.run.Evaluation;
import io.residua.trainer.run.Losses;
import io.residua.trainer.run.TrainingNews.Best;
import io.residua.trainer.run.TrainingNews.Evaluated;
import io.residua.trainer.run.TrainingNews.Finished;
import io.residua.trainer.run.TrainingNews.Progressed;
import io.residua.trainer.run.TrainingNews.Quantising;
import io.residua.trainer.run.TrainingNews.Started;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Progress in words and figures. */
final class ProgressText {
    private static final String HEAD = "%7s %11s %12s %10s   %-24s %s";

    private ProgressText() {}

    static String started(Started news) {
        String line = format("training on %,d rows of %d floats, device %s", news.rows(), news.dim(), news.device());
        if (news.droppedRows() > 0) {
            line += format("; %,d rows with NaN or infinity dropped", news.droppedRows());
        }
        return news.resumedEpoch() > 0 ? line + "; going on after epoch " + news.resumedEpoch() : line;
    }

    static String quantising(Quantising news) {
        String start =
                switch (news.kmeans()) {
                    case LARGE -> "k-means of a sample";
                    case SMALL -> "k-means of the first batch";
                    case NONE -> "random entries";
                };
        return format("epoch %d  codebooks start from %s, %.1f s", news.epoch() + 1, start, news.seconds());
    }

    static String progressed(Progressed news) {
        return format(
                "loss %.5f  reconstruction %.5f  quantisation %.5f  %,.0f rows/s  %s left",
                news.loss(),
                news.reconstructionLoss(),
                news.quantisationLoss(),
                news.rowsPerSecond(),
                ProgressFormat.duration(news.remainingSeconds()));
    }

    static String evaluated(Evaluated news) {
        return format(
                "epoch %d  loss %.5f  %s%s",
                news.epoch(), news.losses().total(), figures(news.evaluation()), news.best() ? "  (best so far)" : "");
    }

    private static String figures(Evaluation evaluation) {
        return format(
                "collisions %.4f  reconstruction error %.4f of the mean square  entries used %s",
                evaluation.collisionRate(), evaluation.relativeReconstructionError(), join(evaluation.used()));
    }

    /** Head of the table whose rows {@link #row(Evaluated)} makes. */
    static String head() {
        return format(HEAD, "epoch", "loss", "collisions", "error", "entries used", "")
                .stripTrailing();
    }

    static String row(Evaluated news) {
        return row(String.valueOf(news.epoch()), news.losses(), news.evaluation(), news.best() ? "best so far" : "");
    }

    private static String row(String first, Losses losses, Evaluation evaluation, String last) {
        return format(
                        HEAD,
                        first,
                        format("%.5f", losses.total()),
                        format("%.4f", evaluation.collisionRate()),
                        format("%.4f", evaluation.relativeReconstructionError()),
                        join(evaluation.used()),
                        last)
                .stripTrailing();
    }

    /** What gets published, and the best by each figure, as a table. */
    static String finished(Finished news) {
        StringBuilder table = new StringBuilder(format("%d epochs done%n%-12s", news.epochs(), "best by"));
        table.append(head());
        for (Best best : news.bests()) {
            append(table, best.figure().name().toLowerCase(Locale.ROOT), best);
        }
        append(table, "published", news.published());
        return table.toString();
    }

    private static void append(StringBuilder table, String label, Best best) {
        table.append(System.lineSeparator())
                .append(format("%-12s", label))
                .append(row(String.valueOf(best.epoch()), best.losses(), best.evaluation(), ""));
    }

    private static String join(List<Integer> used) {
        return used.stream().map(String::valueOf).collect(Collectors.joining(" / "));
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
