package io.residua.trainer.track;

import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes a run's figures to its folder as TensorBoard's event files, one per process that has worked on it; steps are
 * epochs. A file begins by saying from which epoch on it holds, so that readers drop what an earlier process did behind
 * its last checkpoint, and see one curve. A file that cannot be written is warned of once and does not stop the run.
 */
final class TensorBoard implements Listener {
    private final Path folder;
    private final TrainingOptions options;
    private final Consumer<String> warn;
    private TrainingNews.Started started;
    private double startTime;
    private EventFile file;
    private boolean failed;

    TensorBoard(Path folder, TrainingOptions options, Consumer<String> warn) {
        this.folder = folder;
        this.options = options;
        this.warn = warn;
    }

    @Override
    public synchronized void on(TrainingNews news) {
        if (news instanceof TrainingNews.Started now) {
            started = now;
            startTime = wallTime();
        }
        List<Scalar> scalars = Scalar.of(news);
        if (!scalars.isEmpty() && !failed) {
            attempt(() -> {
                open();
                file.add(Events.scalars(wallTime(), Scalar.epoch(news), scalars));
                if (news instanceof TrainingNews.Evaluated) {
                    file.flush();
                }
            });
        }
    }

    /** Not before there is something to tell: a run that is over already gets no further file. */
    private void open() throws IOException {
        if (file != null) {
            return;
        }
        file = EventFile.create(folder);
        file.add(Events.version(startTime));
        file.add(Events.start(startTime, started.resumedEpoch() + 1));
        file.add(
                Events.markdown(startTime, started.resumedEpoch(), "options", table(RunMetadata.of(options, started))));
    }

    private static String table(Map<String, String> facts) {
        StringBuilder table = new StringBuilder("| option | value |\n|---|---|\n");
        facts.forEach((name, value) ->
                table.append("| ").append(name).append(" | ").append(value).append(" |\n"));
        return table.toString();
    }

    /** Puts everything told so far into the file, and ends it: what is told later is left out. */
    synchronized void close() {
        if (file != null && !failed) {
            attempt(file::close);
        }
        failed = true;
    }

    private void attempt(Writing writing) {
        try {
            writing.run();
        } catch (IOException e) {
            failed = true;
            warn.accept("no more TensorBoard events are written to " + folder + ": " + e.getMessage());
        }
    }

    private static double wallTime() {
        Instant now = Instant.now();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private interface Writing {
        void run() throws IOException;
    }
}
