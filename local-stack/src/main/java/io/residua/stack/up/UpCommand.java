package io.residua.stack.up;

import io.residua.stack.StackException;
import io.residua.stack.tour.Sample;
import io.residua.stack.tour.Tour;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts the whole installation on this machine and runs the tour. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Run broker and services on this machine, show them at work on a sample, stay up until Ctrl-C.")
public final class UpCommand implements Callable<Integer> {
    /** The tour reports failures itself. The clients' warnings about an unreachable broker would hide its message. */
    private static final Logger CLIENTS = Logger.getLogger("org.apache.kafka");

    @Option(
            names = "--exit",
            description = "Verify what the sample gave, stop, and end with 0, or with 1 and the reason.")
    private boolean exit;

    @Option(names = "--clean", description = "Empty the data folder first.")
    private boolean clean;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder (default: .residua in the repository).")
    private Path data;

    @Option(names = "--sample", paramLabel = "DIR", description = "Sample to stream (default: samples/wordnet-nouns).")
    private Path sample;

    @Option(
            names = "--broker-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "Port of the broker on localhost (default: any that is free).")
    private int brokerPort;

    @Option(
            names = "--optimise-fully",
            description =
                    "Let broker and services use both of the JVM's compilers. By default they use the quick one alone: in the"
                            + " first minute, the other one would take the cores that all of them share.")
    private boolean optimiseFully;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws InterruptedException {
        CLIENTS.setLevel(Level.SEVERE);
        Installation installation = Installation.find();
        Sample items = Sample.read(sample == null ? installation.defaultSample() : sample);
        DataFolder folder = DataFolder.open(data == null ? installation.defaultData() : data);
        try (LocalStack stack = new LocalStack(installation, folder, brokerPort, optimiseFully, out)) {
            try {
                out.println("data folder " + folder.root());
                stack.start(clean);
                return show(stack, items);
            } catch (RuntimeException e) {
                if (stack.isStopping()) {
                    // After Ctrl-C or the end of a child, another thread stops the children and ends this process.
                    sleepForever();
                }
                throw e;
            }
        }
    }

    private int show(LocalStack stack, Sample items) throws InterruptedException {
        Optional<String> failure = new Tour(items, stack.bootstrapServers(), out).run();
        if (exit) {
            failure.ifPresent(reason -> {
                throw new StackException(reason);
            });
            out.println("Everything is as it must be; stopping.");
            return 0;
        }
        failure.ifPresent(reason -> out.println("NOT as it must be: " + reason));
        out.printf("  dashboard       %s/%n", stack.addresses().get(Programs.EVALUATOR));
        stack.addresses().forEach((name, address) -> out.printf("  %-15s %s/q/health%n", name, address));
        out.println("Everything stays up until Ctrl-C.");
        sleepForever();
        return 0;
    }

    private static void sleepForever() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
