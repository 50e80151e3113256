package io.residua.benchmarks;

import ai.djl.ndarray.NDManager;
import io.residua.common.device.Device;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.RowFiles;
import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/** A training run on a thread of its own that goes on only when told, from one thing it tells to the next. */
final class PacedTraining implements AutoCloseable {
    private final Semaphore turn = new Semaphore(0);
    private final LinkedBlockingQueue<Lap> laps = new LinkedBlockingQueue<>();
    private final FutureTask<Void> run;
    private volatile boolean closed;
    private long resumed;

    /** Prepares a run over a file. */
    PacedTraining(TrainingOptions options, Path data, Path folder, int threads) {
        run = new FutureTask<>(() -> {
            turn.acquire();
            train(options, data, folder, threads);
            return null;
        });
        new Thread(run, "training").start();
    }

    private void train(TrainingOptions options, Path data, Path folder, int threads) throws IOException {
        try (RowFiles files = new RowFiles(List.of(data));
                NDManager manager = Torch.open(new Device.Cpu())) {
            Torch.threads(threads);
            TrainingRun.Keeping keeping = new TrainingRun.Keeping(folder, 1, Duration.ofHours(1));
            new TrainingRun(options, Dataset.scan(files), keeping, this::told, manager).run(() -> closed);
        } catch (CancellationException e) {
            // Nobody wants more of it.
        } finally {
            laps.add(new Lap(null, 0));
        }
    }

    /**
     * A stretch of the run.
     *
     * @param news what it ended with; {@code null} if the run is over
     */
    record Lap(TrainingNews news, double seconds) {
        /** Whether it ended with an epoch. */
        boolean endsEpoch() {
            return news instanceof TrainingNews.Progressed progressed && progressed.step() == 0;
        }
    }

    /** Lets the run go on to its next news, those of single steps left out. */
    Lap next() throws InterruptedException {
        turn.release();
        return laps.take();
    }

    private void told(TrainingNews news) {
        Lap lap = new Lap(news, (System.nanoTime() - resumed) / 1e9);
        if (!closed && (lap.endsEpoch() || !(news instanceof TrainingNews.Progressed))) {
            laps.add(lap);
            turn.acquireUninterruptibly();
            resumed = System.nanoTime();
        }
    }

    /** Ends the run where it is. */
    @Override
    public void close() throws InterruptedException, ExecutionException {
        closed = true;
        turn.release();
        run.get();
    }
}
