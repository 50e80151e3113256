package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.cli.Flags;
import io.residua.common.event.IndexStatus;
import io.residua.indexer.topic.CommittedRecords;
import io.residua.indexer.topic.TopicNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code verify}: reads every committed record of an index and reports violations of its guarantees. Changes nothing on
 * the broker. To be run by {@link Flags#commandLine}.
 */
@Command(
        name = "verify",
        description = "Reads every committed record of an index and checks that each item has its own code.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class VerifyCommand implements Callable<Integer> {
    private static final int VIOLATIONS = 1;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration WAIT_LINE = Duration.ofSeconds(5);
    // The client's warnings about a broker that does not answer; the command says so itself. Loggers are collected when
    // nobody holds them.
    private static final Logger CLIENT_LOG = Logger.getLogger("org.apache.kafka");

    @Option(names = "--bootstrap", required = true, paramLabel = "HOST:PORT", description = "the broker")
    private String bootstrap;

    @Option(
            names = "--model",
            paramLabel = "VERSION",
            description = "only this model's generation, also while it is building (default: all that are ready)")
    private String model;

    @Option(names = "--json", description = "print one JSON object instead of a table")
    private boolean json;

    @Option(
            names = "--wait",
            defaultValue = "0",
            paramLabel = "SECONDS",
            description = "how long to wait for what has no answer yet (default: ${DEFAULT-VALUE})")
    private long waitSeconds;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (waitSeconds < 0) {
            throw new IllegalArgumentException("--wait is " + waitSeconds + ", expected at least 0");
        }
        PrintWriter err = spec.commandLine().getErr();
        CLIENT_LOG.setLevel(Level.OFF);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        try (CommittedRecords records = new CommittedRecords(bootstrap)) {
            IndexReader reader = new IndexReader(records, TopicNames.configured(), err);
            reader.readEmbeddings(awaitGenerations(reader, deadline));
            VerifyReport report = reader.readOn();
            long nextLine = System.nanoTime() + WAIT_LINE.toNanos();
            while (!report.isSettled() && pauseBefore(deadline)) {
                report = reader.readOn();
                if (System.nanoTime() > nextLine) {
                    nextLine += WAIT_LINE.toNanos();
                    err.printf(Locale.ROOT, "waiting for %,d answers%n", report.unanswered());
                    err.flush();
                }
            }
            print(report);
            return report.isClean() ? 0 : VIOLATIONS;
        } catch (KafkaException e) {
            throw new IOException("broker " + bootstrap + ": " + rootMessage(e), e);
        }
    }

    private List<String> awaitGenerations(IndexReader reader, long deadline) throws IOException, InterruptedException {
        while (true) {
            List<String> ready = reader.readyGenerations();
            if (model != null && (ready.contains(model) || reader.state(model) == IndexStatus.State.BUILDING)) {
                return List.of(model);
            }
            if (model == null && !ready.isEmpty()) {
                return ready;
            }
            if (!pauseBefore(deadline)) {
                throw new IOException(
                        model == null
                                ? "no generation is ready"
                                : "generation " + model + " is " + stateName(reader) + ", expected ready or building");
            }
        }
    }

    private String stateName(IndexReader reader) {
        IndexStatus.State state = reader.state(model);
        return state == null ? "not known" : state.name().toLowerCase(Locale.ROOT);
    }

    private static boolean pauseBefore(long deadline) throws InterruptedException {
        if (System.nanoTime() + PAUSE.toNanos() > deadline) {
            return false;
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        return true;
    }

    private void print(VerifyReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(new String(report.toJson(), UTF_8));
        } else {
            report.print(out);
        }
        out.flush();
    }

    private static String rootMessage(Throwable e) {
        return e.getCause() == null ? e.getMessage() : rootMessage(e.getCause());
    }
}
