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
 * Gets the tour's model: the newest one there is, for only its index is kept up to date; else one that it asks for. The
 * request's id follows from the sample and the parameters, so that a run that was interrupted is waited for; after one
 * that failed, or whose model has been replaced since, the next number is asked for.
 */
final class Training {
    private static final Duration BLINK = Duration.ofMillis(100);

    /** A small network that is trained in less than a minute; sorted, for the request's id follows from them. */
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
    private final Duration patience;

    /**
     * Training by {@code request}.
     *
     * @param name what the request's id begins with; tells what is trained from everything else
     * @param patience how long the trainer may be silent
     */
    Training(Clients clients, TopicsConfig names, String name, TrainingRequest request, Duration patience) {
        this.clients = clients;
        this.names = names;
        this.idWithoutNumber = name + "-";
        this.request = request;
        this.patience = patience;
    }

    /** Training from the embeddings in the topic, for {@code sample}. */
    static Training of(Sample sample, Clients clients, TopicsConfig names, Duration patience) {
        TrainingRequest request = TrainingRequest.fromSnapshot(PARAMETERS, "guided tour");
        String whole = sample.sha256() + new String(Json.write(PARAMETERS), UTF_8);
        String name = "tour-" + Sha256.of(whole.getBytes(UTF_8)).substring(0, 12);
        return new Training(clients, names, name, request, patience);
    }

    /** The newest of all models, whoever asked for it, if it takes embeddings of {@code dim} dimensions. */
    Optional<ModelPublished> find(int dim) {
        return newest(published()).filter(model -> model.manifest().model().dim() == dim);
    }

    /**
     * Asks for the model, unless that has been done, and waits for it.
     *
     * @throws StackException if it cannot be trained, or the trainer is silent for too long
     */
    ModelPublished request(Producer<byte[], byte[]> producer, ProgressLine progress) {
        String id = openRequest();
        Set<String> asked = new HashSet<>();
        read(names.trainingRequests(), record -> asked.add(new String(record.key(), UTF_8)));
        if (!asked.contains(id)) {
            Clients.get(
                    "requesting training",
                    producer.send(CloudEvents.record(names.trainingRequests(), id, request, Feed.SOURCE)));
        }
        try {
            return await(id, progress);
        } finally {
            progress.end();
        }
    }

    /** The id of the first request that may still give the newest model: it has not failed, nor been followed by another. */
    private String openRequest() {
        Set<String> over = new HashSet<>();
        read(names.trainingEvents(), record -> {
            TrainingEvent event = Json.read(record.value(), TrainingEvent.class);
            if (event.type().terminal() && event.type() != TrainingEvent.Type.SUCCEEDED) {
                over.add(event.requestId());
            }
        });
        Collection<ModelPublished> published = published();
        published.forEach(model -> over.add(model.requestId()));
        newest(published).ifPresent(model -> over.remove(model.requestId()));
        int number = 1;
        while (over.contains(idWithoutNumber + number)) {
            number++;
        }
        return idWithoutNumber + number;
    }

    /** All models that were not withdrawn. */
    private Collection<ModelPublished> published() {
        Map<String, ModelPublished> models = new HashMap<>();
        read(
                names.models(),
                record -> models.compute(new String(record.key(), UTF_8), (version, before) -> model(record)
                        .orElse(null)));
        return models.values();
    }

    /** The one that the indexer takes for the newest, too. */
    private static Optional<ModelPublished> newest(Collection<ModelPublished> models) {
        return models.stream()
                .max(Comparator.comparing(ModelPublished::time).thenComparing(ModelPublished::modelVersion));
    }

    private ModelPublished await(String id, ProgressLine progress) {
        ModelPublished[] found = new ModelPublished[1];
        long[] heard = {System.nanoTime()};
        Consumer<ConsumerRecord<byte[], byte[]>> hear = record -> {
            TrainingEvent event = Json.read(record.value(), TrainingEvent.class);
            if (event.requestId().equals(id)) {
                heard[0] = System.nanoTime();
                show(event, progress);
            }
        };
        try (TopicReader events = new TopicReader(clients, names.trainingEvents());
                TopicReader models = new TopicReader(clients, names.models())) {
            while (found[0] == null) {
                events.poll(BLINK, hear);
                models.poll(BLINK, record -> model(record)
                        .filter(model -> id.equals(model.requestId()))
                        .ifPresent(model -> found[0] = model));
                if (System.nanoTime() - heard[0] > patience.toNanos()) {
                    throw new StackException(
                            "the trainer has said nothing of " + id + " for " + patience.toSeconds() + " s");
                }
            }
            events.readToEnd(hear);
        }
        return found[0];
    }

    private static void show(TrainingEvent event, ProgressLine progress) {
        switch (event.type()) {
            case PROGRESS -> progress.show(event.progress());
            case ACCEPTED, SUCCEEDED -> {
                // The model itself is what is waited for.
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
