package io.residua.trainer.cli;

import static io.residua.common.cli.ProgressFormat.CLEAR_LINE;

import io.residua.common.cli.ProgressFormat;
import io.residua.trainer.run.TrainingNews;
import java.io.PrintStream;

/** Progress as a bar in the terminal's last line; everything else scrolls above it. */
final class ProgressBar implements TrainingNews.Listener {
    private final PrintStream out;
    private boolean headed;

    ProgressBar(PrintStream out) {
        this.out = out;
    }

    @Override
    public void on(TrainingNews news) {
        if (news instanceof TrainingNews.Started started) {
            out.println(ProgressText.started(started));
        } else if (news instanceof TrainingNews.Quantising quantising) {
            out.println(CLEAR_LINE + ProgressText.quantising(quantising));
        } else if (news instanceof TrainingNews.Progressed progressed) {
            out.print(CLEAR_LINE + bar(progressed));
            out.flush();
        } else if (news instanceof TrainingNews.Evaluated evaluated) {
            out.println(CLEAR_LINE
                    + (headed ? "" : ProgressText.head() + System.lineSeparator())
                    + ProgressText.row(evaluated));
            headed = true;
        } else if (news instanceof TrainingNews.Finished finished) {
            out.println(CLEAR_LINE + ProgressText.finished(finished));
        } else if (news instanceof TrainingNews.Failed failed) {
            out.print(CLEAR_LINE);
            out.flush();
            System.err.println("train: " + failed.reason());
        }
    }

    private static String bar(TrainingNews.Progressed news) {
        double done = (news.epoch() + (double) news.step() / news.steps()) / news.epochs();
        return ProgressFormat.bar(done) + " epoch " + news.epoch() + "/" + news.epochs() + "  "
                + ProgressText.progressed(news);
    }
}
