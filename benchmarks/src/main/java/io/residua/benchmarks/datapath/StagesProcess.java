package io.residua.benchmarks.datapath;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.cli.Flags;
import io.residua.common.process.ParentWatch;
import io.residua.indexer.assign.AssignSettings;
import io.residua.indexer.assign.SourceFloor;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.generation.AssignmentStreams;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.GenerationTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.streams.KafkaStreams;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The assignment stages, as the indexer runs them, in a process of their own, so that their CPU time is told apart. */
@Command(name = "stages-process")
final class StagesProcess implements Callable<Integer> {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    @Option(names = "--bootstrap", required = true)
    private String bootstrap;

    @Option(names = "--state", required = true)
    private Path stateFolder;

    private StagesProcess() {}

    /** Runs the stages until the parent process ends. */
    public static void main(String[] args) {
        QuietLogs.quieten();
        System.exit(Flags.commandLine(new StagesProcess()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        ParentWatch.exitWhenStdinCloses();
        StagesTopics generation = new StagesTopics(stateFolder);
        KafkaStreams streams = AssignmentStreams.start(
                Map.of("bootstrap.servers", bootstrap),
                generation.names(),
                settings(generation.names(), generation.indexer()),
                generation.indexer(),
                "benchmark",
                (short) 1,
                () -> {});
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(CLOSE_TIMEOUT), "close-streams"));
        new CountDownLatch(1).await();
        return 0;
    }

    private static AssignSettings settings(GenerationTopics topics, IndexerConfig config) {
        IndexerMeters meters = new IndexerMeters(new SimpleMeterRegistry());
        return new AssignSettings(
                StagesTopics.MODEL_VERSION,
                SyntheticRequests.codebooks(),
                StagesTopics.PARTITIONS,
                config.sinkhornEpsilon(),
                config.resolveInterval(),
                config.commitInterval(),
                config.deleteMarkerRetention(),
                () -> SourceFloor.NONE,
                // There are no embeddings behind the requests: a refused item gets no dead letter.
                position -> CompletableFuture.completedFuture(Optional.empty()),
                new DeadLetters(topics.deadLetters(), 1 << 20, meters),
                meters);
    }
}
