package io.residua.benchmarks.datapath;

import io.residua.common.artifact.ArtifactStores;
import io.residua.common.event.ModelPublished;
import io.residua.common.io.DurableFiles;
import io.residua.stack.StackException;
import io.residua.stack.tour.Sample;
import io.residua.stack.tour.Tour;
import io.residua.stack.up.LocalStack;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Broker and services on this machine, started for a benchmark and stopped with it. All use both of the JVM's compilers,
 * as in a service that has run for a while.
 */
final class OwnInstallation implements AutoCloseable {
    private final Path temporaryFolder;
    private final LocalStack stack;

    private OwnInstallation(Path temporaryFolder, LocalStack stack) {
        this.temporaryFolder = temporaryFolder;
        this.stack = stack;
    }

    /** Prepares one on a data folder, or on one of its own that it deletes in the end if {@code data} is {@code null}. */
    static OwnInstallation on(Path data, PrintStream out) throws IOException {
        Path temporary = data == null ? Files.createTempDirectory("residua-bench") : null;
        return new OwnInstallation(temporary, LocalStack.on(data == null ? temporary : data, true, out));
    }

    void start() {
        stack.start(false);
    }

    void startBroker() {
        stack.startBroker();
    }

    /** Ends a program of it, in order or by a kill, and returns when it has ended. */
    void stop(String name, boolean forcibly) {
        stack.stop(name, forcibly);
    }

    /** Starts the indexer again, or a replica beside it, and returns when it is ready. */
    void startIndexer(String replica, Map<String, String> properties) {
        stack.startIndexer(replica, properties);
    }

    Clients clients() {
        return new Clients(stack.bootstrapServers());
    }

    /** Where the indexer answers HTTP. */
    URI indexer() {
        return stack.addresses().get("indexer");
    }

    Map<String, Long> processIds() {
        return stack.processIds();
    }

    /** The model that it has, or else the one that the guided tour has trained on a sample. */
    ModelPublished sampleModel(Models models, Path sample, int dim, PrintStream out) throws InterruptedException {
        Optional<ModelPublished> known = models.newest(dim);
        if (known.isPresent()) {
            models.awaitReady(known.get().modelVersion());
            return known.get();
        }
        out.println("training a model on the sample, which takes a minute …");
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        new Tour(Sample.read(sample), stack.bootstrapServers(), nowhere).run().ifPresent(reason -> {
            throw new StackException(reason);
        });
        return models.newest(dim).orElseThrow(() -> new StackException("no model was trained"));
    }

    /** The model that it has for embeddings as long as the rows, or else one with random weights. */
    ModelPublished randomModel(Models models, SampleRows rows, PrintStream out)
            throws IOException, InterruptedException {
        Optional<ModelPublished> known = models.newest(rows.dim());
        if (known.isPresent()) {
            models.awaitReady(known.get().modelVersion());
            return known.get();
        }
        out.printf("publishing a model for %d floats with random weights …%n", rows.dim());
        Path folder = Files.createTempDirectory("residua-model");
        try {
            ItemVectors items = ItemMode.DISTINCT.vectors(rows, Integer.MAX_VALUE, RandomModel.SEED);
            ModelPublished model = RandomModel.fitted(RandomModel.referenceShape(rows.dim()), items, folder)
                    .publish(ArtifactStores.open(stack.artifacts().toString()), "random-" + rows.dim(), folder);
            models.announce(model);
            models.awaitReady(model.modelVersion());
            return model;
        } finally {
            DurableFiles.deleteFolder(folder);
        }
    }

    @Override
    public void close() {
        stack.close();
        if (temporaryFolder != null) {
            try {
                DurableFiles.deleteFolder(temporaryFolder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
