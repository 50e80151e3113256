package io.residua.trainer.track;

import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.tracking.MlflowHttpException;

/**
 * Tells an MLflow server of a run: its options once, its figures about once a second. Only this class's own thread
 * talks to the server, so that training never waits for it: figures that the server does not take are kept, as many as
 * there is room for, and sent later. The first failure is warned of, the others are not, but for the last word on the
 * run.
 */
final class MlflowRun implements Listener {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** Some thousand epochs. */
    private static final int QUEUE_METRICS = 50_000;
    /** What a server takes at once. */
    private static final int BATCH_METRICS = 1000;
    /** The client's own account of its retries; held, so that the level stays. */
    private static final Logger CLIENT_LOG = Logger.getLogger("org.mlflow");

    private static final Logger HTTP_LOG = Logger.getLogger("org.mlflow_project");

    private final MlflowServer server;
    private final TrainingOptions options;
    private final Consumer<String> warn;
    private final Duration patience;
    private final ScheduledExecutorService thread;
    private final BlockingQueue<Metric> queue = new ArrayBlockingQueue<>(QUEUE_METRICS);
    private final List<Metric> unsent = new ArrayList<>();
    private final AtomicBoolean warned = new AtomicBoolean();
    private boolean optionsWanted;
    private volatile Map<String, String> params = Map.of();

    private MlflowRun(URI uri, TrainingOptions options, Duration patience, Consumer<String> warn) {
        CLIENT_LOG.setLevel(Level.OFF);
        HTTP_LOG.setLevel(Level.OFF);
        this.server = new MlflowServer(uri);
        this.options = options;
        this.patience = patience;
        this.warn = warn;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, "mlflow");
            created.setDaemon(true);
            return created;
        });
    }

    /**
     * Begins a run on the server, or goes on with the one that the folder names.
     *
     * @param patience how long the server is waited for, now and at the end
     * @throws IOException saying what is wrong, if that cannot be done
     */
    static MlflowRun open(
            Tracking.Mlflow where, Path folder, TrainingOptions options, Duration patience, Consumer<String> warn)
            throws IOException {
        URI uri = where.uri();
        MlflowRun run = new MlflowRun(uri, options, patience, warn);
        try {
            run.optionsWanted = run.await(() -> run.server.open(where, folder));
        } catch (ExecutionException e) {
            run.thread.shutdownNow();
            throw new IOException("tracking server " + uri + " cannot be used: " + reason(e.getCause()), e);
        } catch (TimeoutException e) {
            run.thread.shutdownNow();
            throw new IOException(
                    "tracking server " + uri + " does not answer within " + patience.toSeconds() + " s", e);
        }
        long millis = INTERVAL.toMillis();
        run.thread.scheduleWithFixedDelay(run::send, millis, millis, TimeUnit.MILLISECONDS);
        return run;
    }

    private <T> T await(Callable<T> task) throws ExecutionException, TimeoutException {
        Future<T> future = thread.submit(task);
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        }
    }

    @Override
    public void on(TrainingNews news) {
        if (optionsWanted && news instanceof TrainingNews.Started started) {
            params = RunMetadata.of(options, started);
        }
        List<Scalar> scalars = Scalar.of(news);
        if (scalars.isEmpty()) {
            return;
        }
        long now = System.currentTimeMillis();
        for (Scalar scalar : scalars) {
            Metric metric = Metric.newBuilder()
                    .setKey(scalar.tag())
                    .setValue(scalar.value())
                    .setTimestamp(now)
                    .setStep(Scalar.epoch(news))
                    .build();
            if (!queue.offer(metric)) {
                warnOnce("is too slow: figures are left out");
            }
        }
    }

    /** Sends what there is, until it is gone or the server refuses. */
    private void send() {
        Map<String, String> facts = params;
        if (!facts.isEmpty() && attempt(() -> server.params(facts))) {
            params = Map.of();
        }
        do {
            queue.drainTo(unsent, BATCH_METRICS - unsent.size());
            if (!unsent.isEmpty() && attempt(() -> server.metrics(unsent))) {
                unsent.clear();
            }
        } while (unsent.isEmpty() && !queue.isEmpty());
    }

    /**
     * Sends the rest and ends the run, as far as the server lets that be done in time.
     *
     * @param model where the model is, if there is one
     */
    void end(RunStatus how, Optional<Path> model) {
        try {
            await(() -> {
                send();
                server.end(how, model);
                return null;
            });
            thread.execute(server::close);
        } catch (ExecutionException e) {
            warn("was not told of the run's end: " + reason(e.getCause()));
        } catch (TimeoutException e) {
            warn("was not told of the run's end: no answer within " + patience.toSeconds() + " s");
        }
        thread.shutdown();
    }

    /** Whether the server is done with it: it has taken it, or would never. */
    private boolean attempt(Runnable call) {
        try {
            call.run();
            return true;
        } catch (RuntimeException e) {
            boolean never = e instanceof MlflowHttpException http
                    && http.getStatusCode() / 100 == 4
                    && http.getStatusCode() != 429;
            warnOnce((never ? "refuses figures: " : "cannot be reached, training goes on: ") + reason(e));
            return never;
        }
    }

    private void warnOnce(String what) {
        if (!warned.getAndSet(true)) {
            warn(what);
        }
    }

    private void warn(String what) {
        warn.accept("tracking server " + server.uri() + " " + what);
    }

    private static String reason(Throwable e) {
        if (e instanceof MlflowHttpException http) {
            String body =
                    http.getBodyMessage() == null ? "" : http.getBodyMessage().strip();
            String line = body.lines().findFirst().orElse("");
            return "HTTP " + http.getStatusCode() + " " + http.getReasonPhrase()
                    + (line.isEmpty() || line.startsWith("<") ? "" : ": " + line);
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.lines().findFirst().orElse(message);
    }
}
