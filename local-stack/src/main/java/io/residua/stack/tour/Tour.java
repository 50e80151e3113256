package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.stack.StackException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;

/**
 * Demonstrates a running installation on a sample: sends embeddings, requests training, reads the codes, sends new
 * items and measures how long their codes take. At the end it verifies the index. A second run on the same data trains
 * nothing and changes no code.
 */
public final class Tour {
    private static final Duration PROGRESS_TIMEOUT = Duration.ofMinutes(5);
    /** How long the tour waits for unexpected records after the indexer has read everything. */
    private static final Duration SETTLE_TIME = Duration.ofSeconds(1);

    private final Sample sample;
    private final Clients clients;
    private final TopicsConfig names;
    private final ConsoleReport report;
    private final ProgressLine progress;

    /** A tour of the installation behind {@code bootstrapServers}. Topic names come from the environment. */
    public Tour(Sample sample, String bootstrapServers, PrintStream out) {
        this.sample = sample;
        this.clients = new Clients(bootstrapServers);
        this.names = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .withMapping(TopicsConfig.class)
                .build()
                .getConfigMapping(TopicsConfig.class);
        this.report = new ConsoleReport(out);
        this.progress = new ProgressLine(out, Boolean.getBoolean("residua.terminal"));
    }

    /**
     * Runs the tour.
     *
     * @return the first violation that was found; empty if there is none
     * @throws StackException if it could not be finished
     */
    public Optional<String> run() throws InterruptedException {
        try (Admin admin = clients.admin();
                Producer<byte[], byte[]> producer = clients.producer()) {
            Topics topics = new Topics(admin, names);
            awaitTopics(topics);
            Map<String, Long> countsBefore = RecordCounts.now(clients, admin, names);
            Training training = Training.of(sample, clients, names, PROGRESS_TIMEOUT);
            Optional<ModelPublished> known = training.find(sample.dim());
            Codes.Snapshot before = known.map(model -> snapshot(topics, model)).orElse(Codes.Snapshot.NONE);

            EmbeddingProducer embeddings = new EmbeddingProducer(producer, names.itemEmbeddings(), sample);
            sendSample(embeddings);
            ModelPublished model = known.isPresent() ? known(known.get()) : trained(training, producer);
            long published = System.nanoTime();
            String codesTopic = names.itemCodes(model.modelVersion());
            awaitTopic(topics, codesTopic);
            try (Codes codes = new Codes(clients, codesTopic)) {
                awaitCodes(codes, before, published);
                sendNewItems(embeddings, codes);
                awaitIdle(admin, model.modelVersion(), codes);
                return verify(admin, model, codes, before, countsBefore);
            }
        }
    }

    /** The services create these topics. Their readiness does not imply that they have. */
    private void awaitTopics(Topics topics) throws InterruptedException {
        for (String topic : List.of(
                names.itemEmbeddings(),
                names.trainingRequests(),
                names.trainingEvents(),
                names.models(),
                names.indexMetrics())) {
            awaitTopic(topics, topic);
        }
    }

    private static void awaitTopic(Topics topics, String topic) throws InterruptedException {
        long deadline = System.nanoTime() + PROGRESS_TIMEOUT.toNanos();
        while (topics.existing(Set.of(topic)).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new StackException("no topic " + topic + " after " + PROGRESS_TIMEOUT.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private Codes.Snapshot snapshot(Topics topics, ModelPublished model) {
        String topic = names.itemCodes(model.modelVersion());
        if (topics.existing(Set.of(topic)).isEmpty()) {
            return Codes.Snapshot.NONE;
        }
        try (Codes codes = new Codes(clients, topic)) {
            return codes.snapshot();
        }
    }

    private void sendSample(EmbeddingProducer embeddings) {
        long start = System.nanoTime();
        embeddings.send(0, sample.firstHeldBack());
        report.line(
                "%,d embeddings of %d dimensions sent to %s in %.1f s, %d held back",
                sample.firstHeldBack(), sample.dim(), names.itemEmbeddings(), since(start), sample.heldBack());
    }

    private ModelPublished known(ModelPublished model) {
        report.line("model %s is the newest and takes such embeddings; nothing to train", model.modelVersion());
        return model;
    }

    private ModelPublished trained(Training training, Producer<byte[], byte[]> producer) {
        long start = System.nanoTime();
        report.line("waiting for the model that was requested on %s", names.trainingRequests());
        ModelPublished model = training.request(producer, progress);
        report.line("model %s published after %.1f s", model.modelVersion(), since(start));
        return model;
    }

    /** Returns when every item that was sent has a code. The model was published at {@code start}. */
    private void awaitCodes(Codes codes, Codes.Snapshot before, long start) {
        int missing = missing(codes.items());
        long lastProgress = System.nanoTime();
        while (missing > 0) {
            codes.poll(Duration.ofMillis(100));
            int last = missing;
            missing = missing(codes.items());
            lastProgress = missing < last ? System.nanoTime() : lastProgress;
            if (System.nanoTime() - lastProgress > PROGRESS_TIMEOUT.toNanos()) {
                throw new StackException(
                        missing + " items have no code, and none came for " + PROGRESS_TIMEOUT.toSeconds() + " s");
            }
        }
        int came = missing(before.items());
        report.coded(sample.firstHeldBack(), came, since(start));
    }

    private int missing(Set<String> coded) {
        return (int) sample.items().subList(0, sample.firstHeldBack()).stream()
                .filter(item -> !coded.contains(item.id()))
                .count();
    }

    /** Sends the held-back items one by one, each after the one before got its code. */
    private void sendNewItems(EmbeddingProducer embeddings, Codes codes) {
        long[] nanos = new long[sample.heldBack()];
        int count = 0;
        for (int item = sample.firstHeldBack(); item < sample.size(); item++) {
            String id = sample.item(item).id();
            boolean isNew = codes.of(id).isEmpty();
            long start = System.nanoTime();
            embeddings.send(item, item + 1);
            while (codes.of(id).isEmpty()) {
                codes.poll(Duration.ofMillis(100));
                if (System.nanoTime() - start > PROGRESS_TIMEOUT.toNanos()) {
                    throw new StackException(
                            "no code for item " + id + " within " + PROGRESS_TIMEOUT.toSeconds() + " s");
                }
            }
            if (isNew) {
                nanos[count++] = System.nanoTime() - start;
            }
        }
        Latencies latencies = new Latencies(java.util.Arrays.copyOf(nanos, count));
        report.arrivals(sample.heldBack(), latencies);
    }

    /** Waits until the indexer has read everything, then a moment longer for unexpected records. */
    private void awaitIdle(Admin admin, String modelVersion, Codes codes) throws InterruptedException {
        if (!new IndexerLag(admin, names, modelVersion).awaitNone(PROGRESS_TIMEOUT)) {
            throw new StackException(
                    "the indexer has not read everything after " + PROGRESS_TIMEOUT.toSeconds() + " s");
        }
        long until = System.nanoTime() + SETTLE_TIME.toNanos();
        while (System.nanoTime() < until) {
            codes.poll(Duration.ofMillis(100));
        }
        codes.readToEnd();
    }

    private Optional<String> verify(
            Admin admin, ModelPublished model, Codes codes, Codes.Snapshot before, Map<String, Long> countsBefore) {
        RecomputedMetrics recomputed = RecomputedMetrics.of(codes.all());
        List<ItemCode> inOrder = sample.items().stream()
                .map(item -> codes.of(item.id()).orElseThrow(() -> new StackException("no code for item " + item.id())))
                .toList();
        report.newItems(sample, inOrder);
        NeighbourShare share = NeighbourShare.of(
                sample.vectors(),
                sample.dim(),
                inOrder.stream().mapToInt(code -> code.codes().get(0)).toArray(),
                sample.firstHeldBack());
        report.share(sample.heldBack(), share);
        Optional<IndexMetrics> metrics;
        try (MetricsReader reader = new MetricsReader(clients, names.indexMetrics(), model.modelVersion())) {
            metrics = reader.await(recomputed, Duration.ofMinutes(1));
        }
        metrics.ifPresent(report::metrics);
        Map<String, Long> countsAfter = RecordCounts.now(clients, admin, names);
        report.counts(countsBefore, countsAfter);
        report.next(
                clients.bootstrapServers(), names, codes.topic(), sample.item(0).id());
        boolean again = sample.items().stream().allMatch(item -> before.items().contains(item.id()));
        return Checks.givenOnce(sample, codes, before)
                .or(() -> Checks.shared(codes.all()))
                .or(() -> Checks.metrics(recomputed, metrics))
                .or(() -> Checks.similarity(share))
                .or(() -> again ? Checks.added(countsBefore, countsAfter) : Optional.empty());
    }

    private static double since(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
