package io.residua.indexer.export;

import io.residua.common.cli.Flags;
import io.residua.common.event.ModelVersions;
import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import io.residua.common.io.OutputFile;
import io.residua.common.trie.TrieMetadata;
import io.residua.indexer.topic.CommittedRecords;
import io.residua.indexer.topic.TopicNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code export}: turns an index, of a file or of a running installation, into another form. To be run by
 * {@link Flags#commandLine}.
 */
@Command(
        name = "export",
        description = "Writes the codes of an index, or of a running installation, as JSON, CSV or a trie.",
        sortOptions = false)
public final class ExportCommand implements Callable<Integer> {
    // The client's warnings about a broker that does not answer; the command says so itself. Loggers are collected when
    // nobody holds them.
    private static final Logger CLIENT_LOG = Logger.getLogger("org.apache.kafka");

    @Option(
            names = "--index",
            paramLabel = "FILE",
            description = "an index as JSON or CSV, a list of codes as CSV, or a trie; its content tells which")
    private Path index;

    @Option(names = "--bootstrap", paramLabel = "HOST:PORT", description = "the broker of a running installation")
    private String bootstrap;

    @Option(names = "--version", paramLabel = "VERSION", description = "the model version whose codes are read there")
    private String version;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "json, csv or trie (default: what the output's name ends in)")
    private ExportFormat format;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "where to write (default: index.json, index.csv or trie.safetensors)")
    private Path output;

    @Option(
            names = "--num_emb_list",
            arity = "1..*",
            paramLabel = "N",
            description = "trie of a file: entries of each level's codebook (default: the largest code, plus one)")
    private List<Integer> codebookSizes;

    @Option(
            names = "--vocab_size",
            paramLabel = "N",
            description = "trie: the size of each level's axis (default: the largest codebook's)")
    private Integer vocabulary;

    // Read by picocli alone. The standard options would take the name --version.
    @SuppressWarnings("unused")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this")
    private boolean help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        requireValidOptions();
        ExportFormat to = format == null ? ExportFormat.ofName(output.toString()) : format;
        requireOnlyForTries(to);
        OutputFile file = new OutputFile(output == null ? Path.of(to.defaultFile()) : output);
        Exported exported = index == null ? readTopic() : SourceFile.read(index);
        write(exported, to, file);
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%,d %s written to %s%n",
                        exported.size(),
                        exported.ids().isPresent() ? "items" : "codes",
                        file.file());
        return 0;
    }

    private void requireValidOptions() {
        if ((index == null) == (bootstrap == null)) {
            throw new IllegalArgumentException("expected either --index or --bootstrap");
        }
        if ((bootstrap == null) != (version == null)) {
            throw new IllegalArgumentException("--bootstrap and --version go together");
        }
        if (version != null) {
            ModelVersions.require(version);
        }
        if (format == null && output == null) {
            throw new IllegalArgumentException("expected --format or --output, or both");
        }
    }

    private void requireOnlyForTries(ExportFormat to) {
        if (to != ExportFormat.TRIE && (codebookSizes != null || vocabulary != null)) {
            throw new IllegalArgumentException("--num_emb_list and --vocab_size are for --format trie");
        }
        if (index == null && codebookSizes != null) {
            throw new IllegalArgumentException("--num_emb_list is for --index: the installation knows its model");
        }
    }

    private Exported readTopic() throws IOException {
        CLIENT_LOG.setLevel(Level.OFF);
        try (CommittedRecords records = new CommittedRecords(bootstrap)) {
            return new PublishedCodes(
                            records, TopicNames.configured(), spec.commandLine().getErr())
                    .read(version);
        } catch (KafkaException e) {
            throw new IOException("broker " + bootstrap + ": " + rootMessage(e), e);
        }
    }

    private void write(Exported exported, ExportFormat to, OutputFile file) throws IOException {
        switch (to) {
            case JSON -> {
                ItemIndex items = new ItemIndex(requireIds(exported), exported.levels(), exported.codes());
                file.createFolder();
                file.write(out -> IndexFile.write(items, out));
            }
            case CSV -> {
                file.createFolder();
                file.write(out -> CsvFile.write(exported, out));
            }
            default -> {
                TrieMetadata metadata = metadata(exported);
                file.createFolder();
                TrieFile.write(exported, metadata, vocabulary == null ? 0 : vocabulary, file.file());
            }
        }
    }

    private List<String> requireIds(Exported exported) throws IOException {
        return exported.ids()
                .orElseThrow(() -> new IOException(
                        index + " holds codes without item ids: it can be written as csv or trie, not as json"));
    }

    private TrieMetadata metadata(Exported exported) throws IOException {
        if (codebookSizes != null) {
            return TrieMetadata.of(codebookSizes);
        }
        if (exported.metadata().isPresent()) {
            return exported.metadata().get();
        }
        if (exported.size() == 0) {
            throw new IOException(index + " has no items: name the sizes of the codebooks with --num_emb_list");
        }
        return TrieMetadata.of(ItemIndex.smallestCodebookSizes(exported.levels(), exported.codes()));
    }

    private static String rootMessage(Throwable e) {
        return e.getCause() == null ? e.getMessage() : rootMessage(e.getCause());
    }
}
