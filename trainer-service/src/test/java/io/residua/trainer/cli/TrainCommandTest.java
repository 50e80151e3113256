package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.network.Checkpoint;
import io.residua.common.network.TrainingData;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    private static final int DIM = 6;

    @TempDir
    private Path folder;

    @Test
    void everyCheckpointNamesTheDataItWasTrainedOn() throws IOException {
        // Given
        Path first = write("first.npy");
        Path second = write("second.npy");

        // When
        int one = train("one", "--data_path", first.toString());
        int two = train("two", "--data_paths", first.toString(), second.toString());

        // Then
        assertThat(List.of(one, two)).containsOnly(TrainCommand.DONE);
        for (String checkpoint : List.of("model", "best_loss_model.safetensors", "best_collision_model.safetensors")) {
            assertThat(dataOf(folder.resolve("one").resolve(checkpoint))).containsExactly(first);
            assertThat(dataOf(folder.resolve("two").resolve(checkpoint))).containsExactly(first, second);
        }
    }

    private static List<Path> dataOf(Path checkpoint) throws IOException {
        return TrainingData.files(Checkpoint.read(checkpoint).metadata());
    }

    private int train(String run, String... data) {
        List<String> args =
                new ArrayList<>(List.of("--run_dir", folder.resolve(run).toString()));
        args.addAll(List.of(data));
        args.addAll(List.of("--epochs", "4", "--eval_step", "2", "--batch_size", "64", "--device", "cpu"));
        args.addAll(List.of("--layers", "8", "--e_dim", "4", "--num_emb_list", "4", "4", "--progress", "lines"));
        return TrainCommand.run(args.toArray(String[]::new));
    }

    private Path write(String name) throws IOException {
        Path file = folder.resolve(name);
        SplittableRandom random = new SplittableRandom(5);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, DIM)) {
            for (int i = 0; i < 100; i++) {
                float[] row = new float[DIM];
                for (int j = 0; j < DIM; j++) {
                    row[j] = (float) random.nextDouble(-1, 1);
                }
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
        return file;
    }
}
