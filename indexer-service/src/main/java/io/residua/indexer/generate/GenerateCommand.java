package io.residua.indexer.generate;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.cli.DataPathArguments;
import io.residua.common.cli.Flags;
import io.residua.common.device.Device;
import io.residua.common.event.Json;
import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import io.residua.common.inference.OfflineModel;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.inference.RowEncoding;
import io.residua.common.io.OutputFile;
import io.residua.common.npy.NpyFiles;
import io.residua.common.quantise.Codebooks;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code generate}: makes an index of unique codes for the rows of {@code .npy} files, without Kafka. Takes the flags of
 * the Python reference's {@code generate_indices.py}. To be run by {@link Flags#commandLine}.
 */
@Command(
        name = "generate",
        description = "Makes an index of unique semantic IDs for the rows of .npy files.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class GenerateCommand implements Callable<Integer> {
    private static final int NO_ROOM = 1;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description = "the data's name: without --output_file the index is NAME.index.json")
    private String dataset;

    @Option(
            names = "--ckpt_path",
            required = true,
            paramLabel = "PATH",
            description = "the model: a folder with encoder.onnx and checkpoint.safetensors,"
                    + " or a checkpoint, .safetensors or PyTorch's .pth")
    private Path checkpoint;

    @Mixin
    private DataPathArguments data = new DataPathArguments();

    @Option(
            names = "--output_dir",
            defaultValue = "./data",
            paramLabel = "DIR",
            description = "where the index goes, created if it is missing (default: ${DEFAULT-VALUE})")
    private Path outputFolder;

    @Option(
            names = "--output_file",
            paramLabel = "FILE",
            description = "the index, in --output_dir unless its path is absolute (default: index.json)")
    private Path outputFile;

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu or cuda:N (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--batch_size",
            defaultValue = "64",
            paramLabel = "N",
            description = "rows per run of the model (default: ${DEFAULT-VALUE})")
    private int batchSize;

    @Option(
            names = "--ids",
            paramLabel = "FILE",
            description = "one item id per line, as many as rows: the index's keys (default: the rows' numbers)")
    private Path idFile;

    @Option(
            names = "--append",
            paramLabel = "INDEX",
            description =
                    "a published index, whose codes stay as they are: the rows are added to it; needs --data_path")
    private Path appendTo;

    @Mixin
    private ResolutionOptions resolution = new ResolutionOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        requireValidOptions();
        Device on = Device.parse(device);
        OfflineModel model = OfflineModel.open(checkpoint);
        Codebooks codebooks = model.codebooks();
        PublishedIndex published = appendTo == null ? PublishedIndex.none() : PublishedIndex.read(appendTo, codebooks);
        OutputFile output = new OutputFile(outputFolder.resolve(outputName()));
        List<String> ids;
        EncodedRows rows;
        try (NpyFiles files = new NpyFiles(data.givenOr(checkpoint, model.metadata()))) {
            ids = ids(files, published);
            output.createFolder();
            rows = encode(files, model, on);
        }
        int[] codes = rows.codes().clone();
        int[] held = published.items().codes();
        int[] unplaced = resolution.resolve(codebooks, codes, rows.latents(), held, model.metadata());
        if (unplaced.length > 0) {
            complain(ids, unplaced);
        }
        if (unplaced.length == 0 || appendTo == null) {
            ItemIndex index = published.items().followedBy(new ItemIndex(ids, codebooks.levels(), codes));
            output.write(out -> IndexFile.write(index, out));
            print(report(output, codebooks, rows, codes, held));
        }
        return unplaced.length == 0 ? 0 : NO_ROOM;
    }

    private void requireValidOptions() {
        resolution.requireValid();
        if (appendTo != null && resolution.strategy() == Strategy.REFERENCE) {
            throw new IllegalArgumentException(
                    "--append and --strategy reference exclude each other: the reference moves published codes");
        }
        if (appendTo != null && data.given().isEmpty()) {
            throw new IllegalArgumentException(
                    "--append needs --data_path or --data_paths, the file with the new rows");
        }
        if (outputFile != null && outputFile.toString().isEmpty()) {
            throw new IllegalArgumentException("--output_file is empty, expected the name of a file");
        }
    }

    private Path outputName() {
        if (outputFile != null) {
            return outputFile;
        }
        return Path.of(dataset == null ? "index.json" : dataset + ".index.json");
    }

    private List<String> ids(NpyFiles files, PublishedIndex published) throws IOException {
        if (idFile == null) {
            return published.nextNumbers((int) Math.min(files.rows(), Integer.MAX_VALUE));
        }
        List<String> ids = ItemIdFile.read(idFile, files.rows());
        published.requireNew(ids);
        return ids;
    }

    private EncodedRows encode(NpyFiles files, OfflineModel model, Device on) throws IOException {
        if (files.rows() == 0 && appendTo != null) {
            return new EncodedRows(0, new int[0], new float[0]);
        }
        try (OnnxEncoder encoder = model.encoder(files, on, RowEncoding.batchRows(batchSize, files))) {
            return EncodedRows.of(files, encoder, spec.commandLine().getErr());
        }
    }

    private GenerateReport report(OutputFile output, Codebooks codebooks, EncodedRows rows, int[] codes, int[] held) {
        GenerateReport.Moves moves = GenerateReport.Moves.of(codebooks, rows.codes(), codes, rows.latents());
        return new GenerateReport(
                output.file().toString(),
                resolution.strategy().toString(),
                appendTo == null ? null : rows.rows(),
                Collisions.of(codebooks.levels(), held, rows.codes()),
                Collisions.of(codebooks.levels(), held, codes),
                moves);
    }

    private void print(GenerateReport report) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? new String(Json.writePretty(report), UTF_8) : report);
        out.flush();
    }

    private void complain(List<String> ids, int[] unplaced) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                Locale.ROOT,
                "generate: %,d items found no free code within reach, '%s' first: %s; train with larger codebooks%n",
                unplaced.length,
                ids.get(unplaced[0]),
                appendTo == null ? "they share one" : "nothing was written");
        err.flush();
    }
}
