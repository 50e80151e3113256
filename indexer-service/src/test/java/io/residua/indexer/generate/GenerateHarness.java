package io.residua.indexer.generate;

import io.residua.common.cli.Flags;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.indexer.model.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code generate} on files in a temporary folder. */
abstract class GenerateHarness {
    /** Two first entries far apart, three last ones next to each other. */
    static final TinyModel MODEL = new TinyModel(3, 2, new float[][] {{-10, 0, 10, 0}, {0, 0, 0, 1, 0, 2}});

    static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path folder;

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    int run(Path data, Path output, String... more) throws IOException {
        MODEL.write(folder.resolve("model"));
        return execute(data, output, more);
    }

    int execute(Path data, Path output, String... more) {
        return generate(folder.resolve("model"), data, output, more);
    }

    int generate(Path model, Path data, Path output, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "--ckpt_path",
                model.toString(),
                "--data_path",
                data.toString(),
                "--output_file",
                output.toString(),
                "--device",
                "cpu"));
        args.addAll(List.of(more));
        return execute(args.toArray(String[]::new));
    }

    int execute(String... args) {
        return Flags.commandLine(new GenerateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    Path npy(List<float[]> rows) throws IOException {
        return npy("rows.npy", rows.get(0).length, rows);
    }

    Path npy(String name, int dim, List<float[]> rows) throws IOException {
        Path file = folder.resolve(name);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, dim)) {
            for (float[] row : rows) {
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
        return file;
    }
}
