package io.residua.benchmarks;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.ModelPublished;
import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What the packaged evaluator costs per item code, on a broker of its own: the first half of the items in a new process,
 * then the second half, then new codes for the first half; beside a consumer that reads the same records and does
 * nothing.
 */
@Command(name = "evaluator", description = "Measures the evaluator.", mixinStandardHelpOptions = true)
final class EvaluatorBenchmark implements Callable<Integer> {
    private static final String MODEL = "bench";
    private static final String CODES = "item-codes-" + MODEL;
    private static final String METRICS = "index-metrics";
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    @Option(names = "--items", defaultValue = "200000", description = "Items (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(names = "--partitions", defaultValue = "4", description = "Of the codes (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(names = "--evaluator", paramLabel = "JAR", description = "Evaluator to run (default: this build's).")
    private Path evaluator;

    @Option(names = "--java-option", paramLabel = "OPTION", description = "Option of the evaluator's JVM, repeatable.")
    private List<String> javaOptions = List.of();

    private final Path home = Path.of(System.getProperty("residua.home", "")).toAbsolutePath();
    private final ItemCodeGenerator codes = new ItemCodeGenerator(MODEL, 1);
    private Map<String, Object> client;
    private KafkaProducer<byte[], byte[]> producer;
    private KafkaConsumer<byte[], byte[]> metrics;
    private JavaProcess broker;
    private JavaProcess service;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (items < 2 || partitions < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--items is " + items + " and --partitions " + partitions + ", expected at least 2 and 1");
        }
        if (evaluator == null) {
            evaluator = home.resolve("evaluator-service/target/quarkus-app/quarkus-run.jar");
        }
        if (!Files.isRegularFile(evaluator)) {
            throw new ParameterException(
                    spec.commandLine(), "--evaluator is " + evaluator + ", expected the jar of a built evaluator");
        }
        Path folder = Files.createTempDirectory("residua-evaluator");
        int port = JavaProcess.freePort();
        client = Map.of("bootstrap.servers", "localhost:" + port);
        try (JavaProcess started = startBroker(folder.resolve("broker"), port)) {
            broker = started;
            createTopics();
            try (var sender = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
                    var reader = reader()) {
                producer = sender;
                metrics = reader;
                metrics.assign(List.of(new TopicPartition(METRICS, 0)));
                metrics.seekToBeginning(metrics.assignment());
                measure(folder.resolve("evaluator"));
            }
        } finally {
            DurableFiles.deleteFolder(folder);
        }
        return 0;
    }

    private void measure(Path folder) throws IOException, InterruptedException {
        int half = items / 2;
        sendCodes(0, half, false);
        readAll(half);
        double limit = readAll(half);
        System.out.printf(
                Locale.ROOT,
                "%,d items in %d partitions; a consumer that does nothing: %.1f µs of CPU per item%n",
                items,
                partitions,
                limit);
        try (JavaProcess started = startEvaluator(folder)) {
            service = started;
            report("first half, JIT compilation included", half, limit, this::announce, m -> m.items() == half);
            report("second half", items - half, limit, () -> sendCodes(half, items, false), m -> m.items() == items);
            report(
                    "new codes for the first half",
                    half,
                    limit,
                    () -> sendCodes(0, half, true),
                    m -> m.resolved().spilled() == half);
        }
    }

    private void report(String what, int count, double limit, Runnable action, Predicate<IndexMetrics> isDone)
            throws InterruptedException {
        Duration serviceBefore = service.cpu();
        Duration brokerBefore = broker.cpu();
        Instant start = Instant.now();
        action.run();
        Duration elapsed = Duration.between(start, awaitMetrics(isDone).time());
        double serviceMicros = micros(service.cpu().minus(serviceBefore), count);
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f µs of CPU per item, %.1f x the consumer; broker %.1f µs; %,.0f items/s%n",
                what,
                serviceMicros,
                serviceMicros / limit,
                micros(broker.cpu().minus(brokerBefore), count),
                count / (elapsed.toMillis() / 1e3));
    }

    private static double micros(Duration cpu, int count) {
        return cpu.toNanos() / 1e3 / count;
    }

    private IndexMetrics awaitMetrics(Predicate<IndexMetrics> isDone) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        IndexMetrics newest = null;
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : metrics.poll(POLL)) {
                newest = Json.read(record.value(), IndexMetrics.class);
                if (isDone.test(newest)) {
                    return newest;
                }
            }
        }
        throw new IllegalStateException("not evaluated in " + TIMEOUT + ", the newest metrics are " + newest);
    }

    /** Reads all codes; returns the reading thread's CPU time in µs per record. */
    private double readAll(int count) {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try (var reader = reader()) {
            List<TopicPartition> all = reader.partitionsFor(CODES).stream()
                    .map(info -> new TopicPartition(CODES, info.partition()))
                    .toList();
            reader.assign(all);
            reader.seekToBeginning(all);
            int seen = 0;
            while (seen < count) {
                seen += reader.poll(POLL).count();
            }
        }
        return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e3 / count;
    }

    private KafkaConsumer<byte[], byte[]> reader() {
        Map<String, Object> settings = new TreeMap<>(client);
        settings.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void sendCodes(int from, int to, boolean moved) {
        for (int item = from; item < to; item++) {
            String id = String.format(Locale.ROOT, "item-%08d", item);
            producer.send(CloudEvents.record(CODES, id, moved ? codes.moved(id) : codes.next(id), "/benchmark"));
        }
        producer.flush();
    }

    private void announce() {
        Instant now = Instant.now();
        ModelManifest manifest = new ModelManifest(
                ModelManifest.FORMAT,
                MODEL,
                now,
                new ModelShape(384, List.of(64), 32, ItemCodeGenerator.CODEBOOK_SIZES),
                new TrainingMetrics(items, 1, 1, 1, 1, 0, List.of(1.0, 1.0, 1.0, 1.0), 0.5),
                new TreeMap<>());
        ModelPublished model = new ModelPublished(MODEL, null, "file:///models/" + MODEL, "00", manifest, now);
        IndexStatus status = new IndexStatus(MODEL, IndexStatus.State.BUILDING, CODES, "id", 0, 0, null, now);
        producer.send(CloudEvents.record("models", MODEL, model, "/benchmark"));
        producer.send(CloudEvents.record("index-status", MODEL, status, "/benchmark"));
        producer.flush();
    }

    private JavaProcess startBroker(Path folder, int port) throws IOException {
        return JavaProcess.start(
                folder,
                home.resolve("local-stack/target/residua-local-stack.jar"),
                List.of("-XX:+UseSerialGC"),
                Map.of(),
                List.of("broker", "--data", folder.resolve("data").toString(), "--port", Integer.toString(port)));
    }

    /** Also waits for the broker: the client tries until it answers. */
    private void createTopics() throws ExecutionException, InterruptedException {
        Map<String, String> compacted = Map.of("cleanup.policy", "compact");
        try (Admin admin = Admin.create(client)) {
            admin.createTopics(List.of(
                            new NewTopic(CODES, partitions, (short) 1).configs(compacted),
                            new NewTopic("models", 1, (short) 1).configs(compacted),
                            new NewTopic("index-status", 1, (short) 1).configs(compacted),
                            new NewTopic(METRICS, 1, (short) 1).configs(Map.of("cleanup.policy", "compact,delete"))))
                    .all()
                    .get();
        }
    }

    private JavaProcess startEvaluator(Path folder) throws IOException, InterruptedException {
        int port = JavaProcess.freePort();
        Map<String, String> properties = Map.of(
                "kafka.bootstrap.servers", (String) client.get("bootstrap.servers"),
                "quarkus.http.port", Integer.toString(port),
                "residua.evaluator.state-dir", folder.resolve("state").toString());
        JavaProcess started = JavaProcess.start(folder, evaluator, javaOptions, properties, List.of());
        started.await(() -> answers(URI.create("http://127.0.0.1:" + port + "/q/health/ready")));
        return started;
    }

    private static boolean answers(URI uri) {
        try {
            return ((HttpURLConnection) uri.toURL().openConnection()).getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
