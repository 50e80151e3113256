package io.residua.benchmarks;

import ai.djl.ndarray.NDManager;
import io.residua.common.device.Device;
import io.residua.trainer.cli.TrainArguments;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.RowFiles;
import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * A training run that goes on only when told: {@code kmeans}, {@code epoch} or {@code evaluation}, a word a line, lets
 * it run to the end of the next such thing, whose seconds it prints. It has a process of its own, as training has.
 */
final class TrainingTurns implements TrainingNews.Listener {
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    private final PrintStream out = System.out;
    private String wanted;
    private long resumed;
    /** Whether the next epoch follows right on another: files are written after an evaluation. */
    private boolean clean;

    private TrainingTurns() {}

    /** Runs on data with options of {@code train}, until its input ends. */
    static void run(Path data, Path folder, int threads, String... options) throws IOException {
        TrainingTurns turns = new TrainingTurns();
        turns.wanted = turns.in.readLine();
        try (RowFiles rows = new RowFiles(List.of(data));
                NDManager manager = Torch.open(new Device.Cpu())) {
            Torch.threads(threads);
            TrainingRun.CheckpointPolicy policy = new TrainingRun.CheckpointPolicy(folder, 1, Duration.ofHours(1));
            new TrainingRun(TrainArguments.parse(options).options(), Dataset.scan(rows), policy, turns, manager)
                    .run(() -> turns.wanted == null);
        } catch (CancellationException e) {
            // Nobody wants more of it.
        }
    }

    @Override
    public void on(TrainingNews news) {
        double seconds = (System.nanoTime() - resumed) / 1e9;
        if (news instanceof TrainingNews.Quantising quantising) {
            answer("kmeans", quantising.seconds());
        } else if (news instanceof TrainingNews.Evaluated) {
            answer("evaluation", seconds);
            clean = false;
        } else if (news instanceof TrainingNews.Progressed progressed && progressed.step() == 0) {
            if (clean) {
                answer("epoch", seconds);
            }
            clean = true;
        } else {
            return;
        }
        resumed = System.nanoTime();
    }

    private void answer(String done, double seconds) {
        if (done.equals(wanted)) {
            out.println(seconds);
            out.flush();
            try {
                wanted = in.readLine();
            } catch (IOException e) {
                wanted = null;
            }
        }
    }
}
