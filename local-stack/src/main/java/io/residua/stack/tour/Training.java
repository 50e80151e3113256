package io.residua.stack.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingRequest;
import io.residua.common.io.Sha256;
import io.residua.common.topic.TopicsConfig;
import io.residua.stack.StackException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;

/**
 * Finds or trains the tour's model. It uses the newest model, because only the newest one's index is kept up to date,
 * and requests training if there is none. The request id is derived from the sample and the parameters, so that a
 * repeated tour waits for a training run that an interrupted tour has requested. If that run failed, or its model has
 * been replaced, the id gets the next number.
 */
final class Training {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    /** A small network that trains in less than a minute. Sorted, because the request id is derived from them. */
    private static final SortedMap<String, Object> PARAMETERS = new TreeMap<>(Map.of(
            "epochs", 40,
            "batch_size", 512,
            "layers", List.of(512, 256, 128, 64),
            "num_emb_list", List.of(256, 256, 256, 256),
            "eval_step", 10));

    private final Clients clients;
    private final TopicsConfig names;
    private final String idWithoutNumber;
    private final TrainingRequest request;
    private final Duration timeout;

    /**
     * Training by {@code request}.
     *
     * @param name prefix of the request id
     * @param timeout maximum time without an event of the trainer
     */
    Training(Clients clients, TopicsConfig names, String name, TrainingRequest request, Duration timeout) {
        this.clients = clients;
        this.names = names;
        this.idWithoutNumber = name + "-";
        this.request = request;
        this.timeout = timeout;
    }

    /** Training on a snapshot of the embeddings topic, which holds {@code sample}. */
    static Training of(Sample sample, Clients clients, TopicsConfig names, Duration timeout) {
        TrainingRequest request = TrainingRequest.fromSnapshot(PARAMETERS, "guided tour");
        String whole = sample.sha256() + new String(Json.write(PARAMETERS), UTF_8);
        String name = "tour-" + Sha256.of(whole.getBytes(UTF_8)).substring(0, 12);
        return new Training(clients, names, name, request, timeout);
    }

    /** The newest model, whoever requested it, if its embeddings have {@code dim} dimensions. */
    Optional<ModelPublished> find(int dim) {
        return newest(published()).filter(model -> model.manifest().model().dim() == dim);
    }

    /**
     * Requests the model, unless it is requested already, and waits for it.
     *
     * @throws StackException if training fails, or the trainer sends no event within the timeout
     */
    ModelPublished request(Producer<byte[], byte[]> producer, ProgressLine progress) {
        String id = openRequest();
        Set<String> requested = new HashSet<>();
        read(names.trainingRequests(), record -> requested.add(new String(record.key(), UTF_8)));
        if (!requested.contains(id)) {
            Clients.get(
                    "requesting training",
                    producer.send(CloudEvents.record(names.trainingRequests(), id, request, EmbeddingProducer.SOURCE)));
        }
        try {
            return await(id, progress);
        } finally {
            progress.end();
        }
    }

    /** The id of the first request that has not failed and whose model, if any, is still the newest. */
    private String openRequest() {
        Set<String> closed = new HashSet<>();
        read(names.trainingEvents(), record -> {
            TrainingEvent event = Json.read(record.value(), TrainingEvent.class);
            if (event.type().terminal() && event.type() != TrainingEvent.Type.SUCCEEDED) {
                closed.add(event.requestId());
            }
        });
        Collection<ModelPublished> published = published();
        published.forEach(model -> closed.add(model.requestId()));
        newest(published).ifPresent(model -> closed.remove(model.requestId()));
        int number = 1;
        while (closed.contains(idWithoutNumber + number)) {
            number++;
        }
        return idWithoutNumber + number;
    }

    /** All models without a tombstone. */
    private Collection<ModelPublished> published() {
        Map<String, ModelPublished> models = new HashMap<>();
        read(
                names.models(),
                record -> models.compute(new String(record.key(), UTF_8), (version, before) -> model(record)
                        .orElse(null)));
        return models.values();
    }

    /** The model with the latest publication time. */
    private static Optional<ModelPublished> newest(Collection<ModelPublished> models) {
        return models.stream()
                .max(Comparator.comparing(ModelPublished::time).thenComparing(ModelPublished::modelVersion));
    }

    private ModelPublished await(String id, ProgressLine progress) {
        ModelPublished[] found = new ModelPublished[1];
        long[] lastEvent = {System.nanoTime()};
        Consumer<ConsumerRecord<byte[], byte[]>> onEvent = record -> {
            TrainingEvent event = Json.read(record.value(), TrainingEvent.class);
            if (event.requestId().equals(id)) {
                lastEvent[0] = System.nanoTime();
                show(event, progress);
            }
        };
        try (TopicReader events = new TopicReader(clients, names.trainingEvents());
                TopicReader models = new TopicReader(clients, names.models())) {
            while (found[0] == null) {
                events.poll(POLL_TIMEOUT, onEvent);
                models.poll(POLL_TIMEOUT, record -> model(record)
                        .filter(model -> id.equals(model.requestId()))
                        .ifPresent(model -> found[0] = model));
                if (System.nanoTime() - lastEvent[0] > timeout.toNanos()) {
                    throw new StackException(
                            "the trainer has said nothing of " + id + " for " + timeout.toSeconds() + " s");
                }
            }
            events.readToEnd(onEvent);
        }
        return found[0];
    }

    private static void show(TrainingEvent event, ProgressLine progress) {
        switch (event.type()) {
            case PROGRESS -> progress.show(event.progress());
            case ACCEPTED, SUCCEEDED -> {
                // The loop waits for the model itself.
            }
            default ->
                throw new StackException("training " + event.requestId() + " ended as "
                        + event.type().name().toLowerCase(Locale.ROOT) + ": "
                        + String.join("; ", event.reasons()));
        }
    }

    private static Optional<ModelPublished> model(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? Optional.empty() : Optional.of(Json.read(record.value(), ModelPublished.class));
    }

    private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        try (TopicReader reader = new TopicReader(clients, topic)) {
            reader.readToEnd(each);
        }
    }
}
