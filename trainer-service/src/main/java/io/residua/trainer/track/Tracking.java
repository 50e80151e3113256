package io.residua.trainer.track;

import static java.util.Objects.requireNonNull;

import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.mlflow.api.proto.Service.RunStatus;

/**
 * Keeps the record of a run for those who compare runs: TensorBoard's event files in its folder always, and a run on an
 * MLflow server where one is named. Neither stops nor slows the training when it fails.
 */
public final class Tracking implements Listener {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Listener progress;
    private final TensorBoard tensorBoard;
    private final Optional<MlflowRun> mlflow;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * An MLflow server and where on it runs are kept.
     *
     * @param uri http or https
     * @param experiment made if it is not there
     * @param runName what the run is called there
     */
    public record Mlflow(URI uri, String experiment, String runName) {
        public Mlflow {
            requireNonNull(uri, "uri is null");
            requireNonNull(experiment, "experiment is null");
            requireNonNull(runName, "runName is null");
        }
    }

    /** What is tracked: tells its news, and returns the folder with the model. */
    @FunctionalInterface
    public interface Training {
        /** Trains. */
        Path run(Listener listener) throws IOException;
    }

    private Tracking(Listener progress, TensorBoard tensorBoard, Optional<MlflowRun> mlflow) {
        this.progress = progress;
        this.tensorBoard = tensorBoard;
        this.mlflow = mlflow;
    }

    /**
     * Runs a training and keeps its record. When it ends, however that comes about, the record says how.
     *
     * @param folder the run's, which exists
     * @param progress also gets the news
     * @param warn gets a line when figures cannot be kept or sent
     * @throws IOException if the server cannot be reached at the beginning, or out of {@code training}
     */
    public static void follow(
            Path folder,
            TrainingOptions options,
            Optional<Mlflow> server,
            Listener progress,
            Consumer<String> warn,
            Training training)
            throws IOException {
        Optional<MlflowRun> mlflow = server.isEmpty()
                ? Optional.empty()
                : Optional.of(MlflowRun.open(server.get(), folder, options, TIMEOUT, warn));
        new Tracking(progress, new TensorBoard(folder, options, warn), mlflow).follow(training);
    }

    private void follow(Training training) throws IOException {
        Thread interrupted = new Thread(() -> end(RunStatus.KILLED, Optional.empty()), "tracking-end");
        Runtime.getRuntime().addShutdownHook(interrupted);
        RunStatus how = RunStatus.FAILED;
        Optional<Path> model = Optional.empty();
        try {
            model = Optional.of(training.run(this));
            how = RunStatus.FINISHED;
        } catch (CancellationException e) {
            how = RunStatus.KILLED;
            throw e;
        } finally {
            end(how, model);
            remove(interrupted);
        }
    }

    @Override
    public void on(TrainingNews news) {
        progress.on(news);
        if (!ended.get()) {
            tensorBoard.on(news);
            mlflow.ifPresent(run -> run.on(news));
        }
    }

    private void end(RunStatus how, Optional<Path> model) {
        if (!ended.getAndSet(true)) {
            tensorBoard.close();
            mlflow.ifPresent(run -> run.end(how, model));
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is being ended, and the hook runs or has run.
            return;
        }
    }
}
