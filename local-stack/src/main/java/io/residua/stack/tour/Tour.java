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
 * Shows a running installation at work on a sample, as a person who uses it would see it: embeddings go in, training is
 * requested, codes come out, new items get theirs within moments; then looks whether everything is as promised. Doing it
 * again over the same data trains nothing and changes no code.
 */
public final class Tour {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** What must not come has this long to come after everything was read. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Sample sample;
    private final Clients clients;
    private final TopicsConfig names;
    private final Screen screen;
    private final ProgressLine progress;

    /** A tour of the installation behind {@code bootstrapServers}; topics have the names that the environment gives. */
    public Tour(Sample sample, String bootstrapServers, PrintStream out) {
        this.sample = sample;
        this.clients = new Clients(bootstrapServers);
        this.names = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .withMapping(TopicsConfig.class)
                .build()
                .getConfigMapping(TopicsConfig.class);
        this.screen = new Screen(out);
        this.progress = new ProgressLine(out, Boolean.getBoolean("residua.terminal"));
    }

    /**
     * Gives the tour.
     *
     * @return what is not as promised; empty when everything is
     * @throws StackException if it could not be finished
     */
    public Optional<String> run() throws InterruptedException {
        try (Admin admin = clients.admin();
                Producer<byte[], byte[]> producer = clients.producer()) {
            Topics topics = new Topics(admin, names);
            awaitTopics(topics);
            Map<String, Long> countsBefore = RecordCounts.now(clients, admin, names);
            Training training = Training.of(sample, clients, names, PATIENCE);
            Optional<ModelPublished> known = training.find(sample.dim());
            Codes.Snapshot before = known.map(model -> snapshot(topics, model)).orElse(Codes.Snapshot.NONE);

            Feed feed = new Feed(producer, names.itemEmbeddings(), sample);
            sendSample(feed);
            ModelPublished model = known.isPresent() ? known(known.get()) : trained(training, producer);
            long published = System.nanoTime();
            String codesTopic = names.itemCodes(model.modelVersion());
            awaitTopic(topics, codesTopic);
            try (Codes codes = new Codes(clients, codesTopic)) {
                awaitCodes(codes, before, published);
                sendNewItems(feed, codes);
                awaitQuiet(admin, model.modelVersion(), codes);
                return look(admin, model, codes, before, countsBefore);
            }
        }
    }

    /** The services make these topics; readiness does not promise that they have. */
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
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (topics.existing(Set.of(topic)).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new StackException("no topic " + topic + " after " + PATIENCE.toSeconds() + " s");
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

    private void sendSample(Feed feed) {
        long start = System.nanoTime();
        feed.send(0, sample.firstHeldBack());
        screen.line(
                "%,d embeddings of %d dimensions sent to %s in %.1f s, %d held back",
                sample.firstHeldBack(), sample.dim(), names.itemEmbeddings(), since(start), sample.heldBack());
    }

    private ModelPublished known(ModelPublished model) {
        screen.line("model %s is the newest and takes such embeddings; nothing to train", model.modelVersion());
        return model;
    }

    private ModelPublished trained(Training training, Producer<byte[], byte[]> producer) {
        long start = System.nanoTime();
        screen.line("waiting for the model that was requested on %s", names.trainingRequests());
        ModelPublished model = training.request(producer, progress);
        screen.line("model %s published after %.1f s", model.modelVersion(), since(start));
        return model;
    }

    /** Returns when every item that was sent has a code; the model was there from {@code start} on. */
    private void awaitCodes(Codes codes, Codes.Snapshot before, long start) {
        int missing = missing(codes.items());
        long news = System.nanoTime();
        while (missing > 0) {
            codes.poll(Duration.ofMillis(100));
            int last = missing;
            missing = missing(codes.items());
            news = missing < last ? System.nanoTime() : news;
            if (System.nanoTime() - news > PATIENCE.toNanos()) {
                throw new StackException(
                        missing + " items have no code, and none came for " + PATIENCE.toSeconds() + " s");
            }
        }
        int came = missing(before.items());
        screen.coded(sample.firstHeldBack(), came, since(start));
    }

    private int missing(Set<String> coded) {
        return (int) sample.items().subList(0, sample.firstHeldBack()).stream()
                .filter(item -> !coded.contains(item.id()))
                .count();
    }

    /** Sends the held-back items one by one, each after the one before got its code. */
    private void sendNewItems(Feed feed, Codes codes) {
        long[] nanos = new long[sample.heldBack()];
        int count = 0;
        for (int item = sample.firstHeldBack(); item < sample.size(); item++) {
            String id = sample.item(item).id();
            boolean isNew = codes.of(id).isEmpty();
            long start = System.nanoTime();
            feed.send(item, item + 1);
            while (codes.of(id).isEmpty()) {
                codes.poll(Duration.ofMillis(100));
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new StackException("no code for item " + id + " within " + PATIENCE.toSeconds() + " s");
                }
            }
            if (isNew) {
                nanos[count++] = System.nanoTime() - start;
            }
        }
        Latencies latencies = new Latencies(java.util.Arrays.copyOf(nanos, count));
        screen.arrivals(sample.heldBack(), latencies);
    }

    /** Returns when the indexer has read everything; then looks a moment longer for what must not come. */
    private void awaitQuiet(Admin admin, String modelVersion, Codes codes) throws InterruptedException {
        if (!new IndexerLag(admin, names, modelVersion).awaitNone(PATIENCE)) {
            throw new StackException("the indexer has not read everything after " + PATIENCE.toSeconds() + " s");
        }
        long until = System.nanoTime() + QUIET.toNanos();
        while (System.nanoTime() < until) {
            codes.poll(Duration.ofMillis(100));
        }
        codes.readToEnd();
    }

    private Optional<String> look(
            Admin admin, ModelPublished model, Codes codes, Codes.Snapshot before, Map<String, Long> countsBefore) {
        Recount recount = Recount.of(codes.all());
        List<ItemCode> inOrder = sample.items().stream()
                .map(item -> codes.of(item.id()).orElseThrow(() -> new StackException("no code for item " + item.id())))
                .toList();
        screen.newItems(sample, inOrder);
        NeighbourShare share = NeighbourShare.of(
                sample.vectors(),
                sample.dim(),
                inOrder.stream().mapToInt(code -> code.codes().get(0)).toArray(),
                sample.firstHeldBack());
        screen.share(sample.heldBack(), share);
        Optional<IndexMetrics> metrics;
        try (Metrics reader = new Metrics(clients, names.indexMetrics(), model.modelVersion())) {
            metrics = reader.await(recount, Duration.ofMinutes(1));
        }
        metrics.ifPresent(screen::metrics);
        Map<String, Long> countsAfter = RecordCounts.now(clients, admin, names);
        screen.counts(countsBefore, countsAfter);
        screen.next(
                clients.bootstrapServers(), names, codes.topic(), sample.item(0).id());
        boolean again = sample.items().stream().allMatch(item -> before.items().contains(item.id()));
        return Checks.givenOnce(sample, codes, before)
                .or(() -> Checks.shared(codes.all()))
                .or(() -> Checks.metrics(recount, metrics))
                .or(() -> Checks.similarity(share))
                .or(() -> again ? Checks.added(countsBefore, countsAfter) : Optional.empty());
    }

    private static double since(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
