package io.residua.trainer.cli;

import io.residua.trainer.run.Evaluation;
import io.residua.trainer.run.TrainingNews.Evaluated;
import io.residua.trainer.run.TrainingNews.Finished;
import io.residua.trainer.run.TrainingNews.Progressed;
import io.residua.trainer.run.TrainingNews.Started;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Progress in words and figures. */
final class ProgressText {
    private ProgressText() {}

    static String started(Started news) {
        String line = format("training on %,d rows of %d floats, device %s", news.rows(), news.dim(), news.device());
        if (news.droppedRows() > 0) {
            line += format("; %,d rows with NaN or infinity dropped", news.droppedRows());
        }
        return news.resumedEpoch() > 0 ? line + "; going on after epoch " + news.resumedEpoch() : line;
    }

    static String progressed(Progressed news) {
        return format(
                "loss %.5f  reconstruction %.5f  quantisation %.5f  %,.0f rows/s  %s left",
                news.loss(),
                news.reconstructionLoss(),
                news.quantisationLoss(),
                news.rowsPerSecond(),
                duration(news.remainingSeconds()));
    }

    static String evaluated(Evaluated news) {
        return format("epoch %d  %s%s", news.epoch(), figures(news.evaluation()), news.best() ? "  (best so far)" : "");
    }

    static String finished(Finished news) {
        return format("best after epoch %d: %s", news.bestEpoch(), figures(news.evaluation()));
    }

    private static String figures(Evaluation evaluation) {
        return format(
                "collisions %.4f  reconstruction error %.4f of the mean square  entries used %s",
                evaluation.collisionRate(), evaluation.relativeReconstructionError(), join(evaluation.used()));
    }

    private static String join(List<Integer> used) {
        return used.stream().map(String::valueOf).collect(Collectors.joining(" / "));
    }

    static String duration(double seconds) {
        long whole = Math.round(Math.min(seconds, 1e8));
        return whole < 3600
                ? format("%d:%02d", whole / 60, whole % 60)
                : format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
