package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.topic.CommittedRecords;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the history of an index from its topics. The ends of {@code item-embeddings} are captured once; the other
 * topics are read on with each {@link #readOn}, so that the answers to those embeddings can be waited for.
 */
final class IndexReader {
    private final CommittedRecords records;
    private final TopicsConfig topics;
    private final PrintWriter progressOut;
    private final Map<String, ModelShape> models = new HashMap<>();
    private final Map<String, IndexStatus.State> states = new HashMap<>();
    private IndexHistory history;
    private Map<String, List<TopicPartition>> followed;

    IndexReader(CommittedRecords records, TopicsConfig topics, PrintWriter progressOut) {
        this.records = records;
        this.topics = topics;
        this.progressOut = progressOut;
    }

    /** The generations that are ready, by what {@code models} and {@code index-status} say now. */
    List<String> readyGenerations() throws IOException {
        readModels();
        List<String> ready = new ArrayList<>();
        states.forEach((version, state) -> {
            if (state == IndexStatus.State.READY) {
                ready.add(version);
            }
        });
        return ready;
    }

    /** The state of a generation, {@code null} if there is none. */
    IndexStatus.State state(String modelVersion) {
        return states.get(modelVersion);
    }

    private void readModels() throws IOException {
        for (String topic : List.of(topics.models(), topics.indexStatus())) {
            records.read(records.ends(records.existing(topic)), this::onModelOrStatus, () -> {});
        }
    }

    /** A record that cannot be read takes its version away, as in the indexer. */
    private void onModelOrStatus(ConsumerRecord<byte[], byte[]> record) {
        String version = new String(record.key(), UTF_8);
        boolean isModel = record.topic().equals(topics.models());
        (isModel ? models : states).remove(version);
        if (record.value() == null) {
            return;
        }
        try {
            if (isModel) {
                models.put(
                        version,
                        Json.read(record.value(), ModelPublished.class)
                                .manifest()
                                .model());
            } else {
                states.put(version, Json.read(record.value(), IndexStatus.class).state());
            }
        } catch (IllegalArgumentException e) {
            progressOut.println("verify: " + record.topic() + "@" + record.offset() + " ignored: " + e.getMessage());
            progressOut.flush();
        }
    }

    /** Reads all embeddings that are there now, for generations whose models are known. */
    void readEmbeddings(List<String> generations) throws IOException {
        Map<String, ModelShape> shapes = new TreeMap<>();
        followed = new TreeMap<>();
        for (String version : generations) {
            ModelShape shape = models.get(version);
            if (shape == null) {
                throw new IOException("topic " + topics.models() + " has no model " + version
                        + ", whose dimension and codebooks are needed");
            }
            shapes.put(version, shape);
            followed.put(version, records.existing(topics.itemCodes(version)));
        }
        Map<TopicPartition, Long> ends = records.ends(records.existing(topics.itemEmbeddings()));
        Map<Integer, Long> sourceEnds = new HashMap<>();
        ends.forEach((partition, end) -> sourceEnds.put(partition.partition(), end));
        history = new IndexHistory(topics.itemEmbeddings(), sourceEnds, shortenedLetters(), shapes);
        read(topics.itemEmbeddings(), ends, history::onEmbedding);
    }

    private Set<Integer> shortenedLetters() throws IOException {
        Set<Integer> shortened = new HashSet<>();
        records.beginnings(records.existing(topics.itemEmbeddingsDlq())).forEach((partition, beginning) -> {
            if (beginning > 0) {
                shortened.add(partition.partition());
            }
        });
        return shortened;
    }

    /** Reads the codes and dead letters that came since the last call, and judges all there is. */
    VerifyReport readOn() throws IOException {
        for (Map.Entry<String, List<TopicPartition>> codes : followed.entrySet()) {
            String version = codes.getKey();
            read(topics.itemCodes(version), records.ends(codes.getValue()), each -> history.onCode(version, each));
        }
        Map<TopicPartition, Long> letterEnds = records.ends(records.existing(topics.itemEmbeddingsDlq()));
        read(topics.itemEmbeddingsDlq(), letterEnds, history::onLetter);
        return history.report();
    }

    private void read(String topic, Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> handler) {
        records.read(ends, handler, progressOut, "reading " + topic);
    }
}
