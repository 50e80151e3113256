package io.residua.stack.up;

import io.residua.stack.StackException;
import io.residua.stack.tour.Sample;
import io.residua.stack.tour.Tour;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the tour on an installation that runs already, for example in containers. */
@Command(
        name = "tour",
        mixinStandardHelpOptions = true,
        description = "Show an installation that runs already at work on a sample, and verify what that gave.")
public final class TourCommand implements Callable<Integer> {
    private static final Logger CLIENTS = Logger.getLogger("org.apache.kafka");

    @Option(
            names = "--bootstrap-server",
            defaultValue = "localhost:9092",
            paramLabel = "HOST:PORT",
            description = "Its broker (default: ${DEFAULT-VALUE}).")
    private String bootstrapServer;

    @Option(names = "--sample", paramLabel = "DIR", description = "Sample to stream (default: samples/wordnet-nouns).")
    private Path sample;

    @Override
    public Integer call() throws InterruptedException {
        CLIENTS.setLevel(Level.SEVERE);
        Sample items = Sample.read(sample == null ? Installation.find().defaultSample() : sample);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        new Tour(items, bootstrapServer, out).run().ifPresent(reason -> {
            throw new StackException(reason);
        });
        return 0;
    }
}
