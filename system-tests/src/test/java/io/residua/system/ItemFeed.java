package io.residua.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A catalogue that changes all the time: a thread sends new, changed, repeated and deleted items, drawn by a seed, and keeps
 * a table of the items that are alive. Some embeddings are equal.
 */
final class ItemFeed implements AutoCloseable {
    private static final int DIM = 8;
    private static final int STEP = 20;
    private static final int SHARED_VECTORS = 40;

    private final int items;
    private final int perSecond;
    private final Random random;
    private final List<float[]> shared = new ArrayList<>();
    private final Map<String, float[]> live = new HashMap<>();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final KafkaProducer<byte[], byte[]> producer;
    private final Thread thread = new Thread(this::run, "item-feed");
    private int created;
    private long sent;
    private boolean paused;
    private boolean stopped;

    /** A feed that will have created {@code items} items; sends about {@code perSecond} records a second. */
    ItemFeed(String bootstrapServers, long seed, int items, int perSecond) {
        this.items = items;
        this.perSecond = perSecond;
        this.random = new Random(seed);
        for (int i = 0; i < SHARED_VECTORS; i++) {
            shared.add(newVector());
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "delivery.timeout.ms", 300_000, "linger.ms", 5),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (step()) {
                TimeUnit.MILLISECONDS.sleep(1_000L * STEP / perSecond);
            }
        } catch (InterruptedException | RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private synchronized boolean step() {
        for (int i = 0; i < STEP && !paused && !stopped; i++) {
            sendOne();
        }
        return !stopped;
    }

    private void sendOne() {
        int draw = random.nextInt(100);
        if (created < items && draw < 75) {
            send("item-" + created++, vector());
        } else if (created > 0) {
            // Any item there ever was: a deleted one comes back, a live one changes, stays or goes.
            String item = "item-" + random.nextInt(created);
            int what = random.nextInt(100);
            if (what < 20) {
                send(item, null);
            } else if (what < 40 && live.containsKey(item)) {
                send(item, live.get(item));
            } else {
                send(item, vector());
            }
        }
    }

    private void send(String item, float[] vector) {
        sent++;
        if (vector == null) {
            live.remove(item);
        } else {
            live.put(item, vector);
        }
        byte[] value = vector == null ? null : EmbeddingFormat.encodeRaw(vector);
        producer.send(
                new ProducerRecord<>(
                        "item-embeddings",
                        null,
                        item.getBytes(UTF_8),
                        value,
                        CloudEvents.headers("io.residua.item-embedding", "/test", CloudEvents.OCTET_STREAM)),
                (metadata, e) -> {
                    if (e != null) {
                        failure.compareAndSet(null, e);
                    }
                });
    }

    private float[] vector() {
        return random.nextInt(20) == 0 ? shared.get(random.nextInt(shared.size())) : newVector();
    }

    private float[] newVector() {
        float[] vector = new float[DIM];
        for (int i = 0; i < DIM; i++) {
            vector[i] = (float) random.nextGaussian() * 4;
        }
        return vector;
    }

    /** Sends {@code records} at once, so that every stage is in the middle of its work. */
    synchronized void burst(int records) {
        for (int i = 0; i < records; i++) {
            sendOne();
        }
    }

    /** Sends every live item again as it is. */
    synchronized void resendAll() {
        List.copyOf(live.keySet()).forEach(item -> send(item, live.get(item)));
    }

    /** Sends nothing until {@link #resume}; returns when the broker has all that was sent. */
    void pause() {
        synchronized (this) {
            paused = true;
        }
        producer.flush();
        requireNoFailure();
    }

    synchronized void resume() {
        paused = false;
    }

    /** Creates the items that are missing, and ends; returns when the broker has all that was sent. */
    void finish() {
        synchronized (this) {
            while (created < items) {
                sendOne();
            }
            stopped = true;
        }
        producer.flush();
        requireNoFailure();
    }

    private void requireNoFailure() {
        if (failure.get() != null) {
            throw new AssertionError("an embedding was not sent", failure.get());
        }
    }

    /** Records sent so far. */
    synchronized long sent() {
        return sent;
    }

    /** The items that are alive, after {@link #finish}. */
    synchronized List<String> liveItems() {
        return List.copyOf(live.keySet());
    }

    @Override
    public void close() throws InterruptedException {
        synchronized (this) {
            stopped = true;
        }
        thread.join();
        producer.close(java.time.Duration.ofSeconds(10));
    }
}
