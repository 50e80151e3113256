package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.network.Checkpoint;
import io.residua.common.safetensors.Safetensors;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a kill costs the {@code train} command: time, nothing else. */
@Tag("long")
@Timeout(value = 6, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TrainCrashIT {
    private static final int KILLS = 10;

    @TempDir
    Path folder;

    @BeforeEach
    void writeData() throws IOException {
        TrainProcess.writeRows(folder.resolve("data.npy"), 3000, 48);
    }

    @Test
    void killedRunThatIsResumedEndsBitForBitAsTheWholeOne() throws Exception {
        // Given
        String[] options = {
            "--epochs",
            "20",
            "--eval_step",
            "4",
            "--batch_size",
            "256",
            "--warmup_epochs",
            "2",
            "--layers",
            "128",
            "64",
            "--e_dim",
            "16",
            "--num_emb_list",
            "32",
            "32",
            "32",
            "--dropout_prob",
            "0.1",
            "--bn",
            "True",
            "--sk_epsilons",
            "0.0",
            "0.0",
            "0.01"
        };
        assertThat(TrainProcess.finish(begin("whole", options))).isZero();
        Process killed = begin("parts", options);
        TrainProcess.await(killed, "\"news\":\"progressed\",\"epoch\":3,");
        killed.destroyForcibly().waitFor();
        killed = resume();
        TrainProcess.await(killed, "\"news\":\"progressed\",\"epoch\":9,");
        killed.destroyForcibly().waitFor();

        // When
        int code = TrainProcess.finish(resume());

        // Then
        assertThat(code).isZero();
        requireSame();
        assertThat(folder.resolve("parts/model/checkpoint.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole/model/checkpoint.safetensors"));
    }

    @Test
    void runKilledAgainAndAgainWhileItWritesHasWholeFilesAndLosesNothing() throws Exception {
        // Given
        String[] options = {
            "--epochs",
            "400",
            "--eval_step",
            "1",
            "--batch_size",
            "1024",
            "--warmup_epochs",
            "2",
            "--save_limit",
            "2",
            "--layers",
            "512",
            "--e_dim",
            "8",
            "--num_emb_list",
            "16",
            "16",
            "16"
        };
        assertThat(TrainProcess.finish(begin("whole", options))).isZero();
        SplittableRandom random = new SplittableRandom(9);
        int killed = 0;
        int writing = 0;

        // When
        for (int i = 0; i < KILLS; i++) {
            Set<String> before = unfinished();
            Process process = i == 0 ? begin("parts", options) : resume();
            // Once there is something to go on from.
            TrainProcess.await(process, i == 0 ? "\"news\":\"evaluated\",\"epoch\":2," : "\"news\":\"started\"");
            TimeUnit.MICROSECONDS.sleep(random.nextInt(300_000));
            if (i % 3 > 0) {
                awaitWriting(process, before);
            }
            killed += process.isAlive() ? 1 : 0;
            process.destroyForcibly().waitFor();
            requireWholeFiles();
            writing += before.containsAll(unfinished()) ? 0 : 1;
        }
        int code = TrainProcess.finish(resume());

        // Then
        assertThat(code).isZero();
        assertThat(killed).isGreaterThan(KILLS / 2);
        assertThat(writing).as("kills that left a file half-written").isGreaterThan(1);
        requireSame();
    }

    private Process begin(String run, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("train", "--data_path", "data.npy", "--run_dir", run));
        arguments.addAll(List.of(options));
        return start(arguments);
    }

    private Process resume() throws IOException {
        return start(List.of("train", "--resume", "parts"));
    }

    private Process start(List<String> command) throws IOException {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--threads", "2", "--progress", "json", "--checkpoint_every", "0.02"));
        // A small young generation: what the engine holds must outlive many collections.
        return TrainProcess.start(folder, List.of("-Xmn4m"), arguments.toArray(String[]::new));
    }

    /** Waits until the run writes a file; without a pause, as that may take less than a millisecond. */
    private void awaitWriting(Process process, Set<String> before) throws IOException {
        while (process.isAlive() && !Thread.currentThread().isInterrupted() && before.containsAll(unfinished())) {
            Thread.onSpinWait();
        }
    }

    /** Files of the run that have not their final names, and since when. */
    private Set<String> unfinished() throws IOException {
        Set<String> found = new HashSet<>();
        for (String part : List.of("parts", "parts/state")) {
            File[] files = folder.resolve(part).toFile().listFiles((in, name) -> name.endsWith(".part"));
            for (File file : files == null ? new File[0] : files) {
                found.add(file + " " + file.lastModified());
            }
        }
        return found;
    }

    /** Whatever has its final name can be read. */
    private void requireWholeFiles() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("parts"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("model.safetensors")) {
                    Checkpoint.read(file);
                } else if (name.endsWith(".safetensors")) {
                    Safetensors.read(file);
                } else if (name.endsWith(".json")) {
                    assertThat(new ObjectMapper().readTree(file.toFile()).isObject())
                            .as(name)
                            .isTrue();
                }
            }
        }
    }

    /** Both runs have left the same. */
    private void requireSame() throws IOException {
        List<String> names = checkpoints("whole");
        assertThat(checkpoints("parts")).isEqualTo(names);
        assertThat(names).contains("best_loss_model.safetensors", "best_collision_model.json");
        for (String name : names) {
            assertThat(folder.resolve("parts").resolve(name))
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(name));
        }
        Safetensors expected = Safetensors.read(folder.resolve("whole/state/run.safetensors"));
        Safetensors actual = Safetensors.read(folder.resolve("parts/state/run.safetensors"));
        assertThat(actual.metadata()).isEqualTo(expected.metadata());
        assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
        expected.tensors()
                .forEach((name, tensor) ->
                        assertThat(actual.tensor(name).bytes()).as(name).isEqualTo(tensor.bytes()));
    }

    private List<String> checkpoints(String run) throws IOException {
        return TrainProcess.names(folder.resolve(run)).stream()
                .filter(name -> name.endsWith(".safetensors") || name.endsWith(".json"))
                .toList();
    }
}
