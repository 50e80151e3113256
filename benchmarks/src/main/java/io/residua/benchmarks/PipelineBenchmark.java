package io.residua.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.artifact.ModelManifest;
import io.residua.common.device.Device;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.npy.NpyFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How fast a running installation turns embeddings into codes: many at once, and one by one; beside the rate at which
 * ONNX Runtime alone encodes the same rows on the same machine. The items are variations of a sample's rows, and are
 * deleted in the end.
 */
@Command(name = "pipeline", description = "Measures a running installation.", mixinStandardHelpOptions = true)
final class PipelineBenchmark implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(5);
    private static final float NOISE = 0.01f;

    @Option(names = "--bootstrap", required = true, description = "The broker's address.")
    private String bootstrap;

    @Option(names = "--rows", defaultValue = "samples/wordnet-nouns/embeddings.f16.npy", description = "A .npy file.")
    private Path rows;

    @Option(names = "--items", defaultValue = "20000", description = "Items sent at once (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(names = "--singles", defaultValue = "300", description = "Items sent singly (default: ${DEFAULT-VALUE}).")
    private int singles;

    private final String run = Long.toString(System.currentTimeMillis(), 36);
    private KafkaProducer<byte[], byte[]> producer;
    private KafkaConsumer<byte[], byte[]> codes;

    @Override
    public Integer call() throws IOException {
        ModelPublished model = newestModel();
        float[][] vectors = variations(model.manifest().model().dim());
        double alone = encoderRate(model, vectors);
        System.out.printf(
                Locale.ROOT,
                "model %s, %s%nONNX Runtime alone: %,.0f rows/s in runs of 512%n",
                model.modelVersion(),
                model.manifest().model(),
                alone);
        Map<String, Object> client = Map.of("bootstrap.servers", bootstrap, "linger.ms", 0);
        try (var sender = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
                var reader = reader()) {
            producer = sender;
            codes = reader;
            readFromNow("item-codes-" + model.modelVersion());
            double rate = throughput(vectors);
            System.out.printf(
                    Locale.ROOT,
                    "%,d items at once: %,.0f codes/s, %.2f of ONNX Runtime alone%n",
                    items,
                    rate,
                    rate / alone);
            double[] millis = latencies(vectors);
            System.out.printf(
                    Locale.ROOT,
                    "%,d items one by one, from sending to reading the code: median %.0f ms, p95 %.0f ms, p99 %.0f ms%n",
                    singles,
                    quantile(millis, 0.5),
                    quantile(millis, 0.95),
                    quantile(millis, 0.99));
            deleteAll();
        }
        return 0;
    }

    private KafkaConsumer<byte[], byte[]> reader() {
        Map<String, Object> client =
                Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed", "fetch.max.wait.ms", 5);
        return new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private ModelPublished newestModel() {
        Map<String, ModelPublished> models = new HashMap<>();
        try (var reader = reader()) {
            TopicPartition partition = new TopicPartition("models", 0);
            reader.assign(List.of(partition));
            reader.seekToBeginning(List.of(partition));
            long end = reader.endOffsets(List.of(partition)).get(partition);
            while (reader.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                    if (record.value() != null) {
                        models.put(new String(record.key(), UTF_8), Json.read(record.value(), ModelPublished.class));
                    }
                }
            }
        }
        return models.values().stream()
                .max(Comparator.comparing(ModelPublished::time))
                .orElseThrow(() -> new IllegalStateException("no model is published: run ./residua up first"));
    }

    private float[][] variations(int dim) throws IOException {
        Random random = new Random(1);
        float[][] vectors = new float[items][dim];
        try (NpyFile sample = NpyFile.open(rows)) {
            for (int i = 0; i < items; i++) {
                sample.readRow(i % sample.rows(), vectors[i], 0);
                for (int d = 0; d < dim; d++) {
                    vectors[i][d] += NOISE * (float) random.nextGaussian();
                }
            }
        }
        return vectors;
    }

    private static double encoderRate(ModelPublished model, float[][] vectors) throws IOException {
        Path file = Path.of(URI.create(model.location())).resolve(ModelManifest.ENCODER);
        try (OnnxEncoder encoder = OnnxEncoder.open(file, model.manifest().model(), new Device.Auto(), 0, 512)) {
            encodeAll(encoder, vectors);
            long start = System.nanoTime();
            int encoded = encodeAll(encoder, vectors);
            return encoded / seconds(start);
        }
    }

    private static int encodeAll(OnnxEncoder encoder, float[][] vectors) {
        int encoded = 0;
        while (encoded + encoder.maxRows() <= vectors.length) {
            var input = encoder.input();
            for (int row = 0; row < encoder.maxRows(); row++) {
                input.put(vectors[encoded + row]);
            }
            encoder.run(encoder.maxRows());
            encoded += encoder.maxRows();
        }
        return encoded;
    }

    private void readFromNow(String topic) {
        List<TopicPartition> partitions = codes.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        codes.assign(partitions);
        codes.seekToEnd(partitions);
        partitions.forEach(codes::position);
    }

    private double throughput(float[][] vectors) {
        long start = System.nanoTime();
        for (int i = 0; i < items; i++) {
            send("many-" + i, EmbeddingFormat.encodeRaw(vectors[i]));
        }
        awaitCodes(items);
        return items / seconds(start);
    }

    private double[] latencies(float[][] vectors) {
        double[] millis = new double[singles];
        for (int i = 0; i < singles; i++) {
            byte[] value = EmbeddingFormat.encodeRaw(vectors[i]);
            long start = System.nanoTime();
            send("single-" + i, value);
            awaitCodes(1);
            millis[i] = 1e3 * seconds(start);
        }
        return millis;
    }

    private void deleteAll() {
        for (int i = 0; i < items; i++) {
            send("many-" + i, null);
        }
        for (int i = 0; i < singles; i++) {
            send("single-" + i, null);
        }
        awaitCodes(items + singles);
    }

    private void send(String item, byte[] value) {
        byte[] key = (run + "-" + item).getBytes(UTF_8);
        var headers = CloudEvents.headers("io.residua.item-embedding", "/benchmark", CloudEvents.OCTET_STREAM);
        producer.send(new ProducerRecord<>("item-embeddings", null, key, value, headers));
    }

    private void awaitCodes(int count) {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        int seen = 0;
        while (seen < count) {
            for (ConsumerRecord<byte[], byte[]> record : codes.poll(POLL)) {
                seen += new String(record.key(), UTF_8).startsWith(run) ? 1 : 0;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("only " + seen + " of " + count
                        + " codes came in 5 minutes; are all items within reach of a free"
                        + " entry? see item-embeddings-dlq");
            }
        }
    }

    private static double quantile(double[] values, double q) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, (int) (q * sorted.length))];
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
