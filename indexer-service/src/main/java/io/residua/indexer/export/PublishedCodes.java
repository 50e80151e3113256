package io.residua.indexer.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicsConfig;
import io.residua.common.trie.TrieMetadata;
import io.residua.indexer.topic.CommittedRecords;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The codes that a running installation has published for one model version: the committed records below the ends that the
 * codes topic had when reading began, deletions applied.
 */
final class PublishedCodes {
    private final CommittedRecords records;
    private final TopicsConfig topics;
    private final PrintWriter err;

    PublishedCodes(CommittedRecords records, TopicsConfig topics, PrintWriter err) {
        this.records = records;
        this.topics = topics;
        this.err = err;
    }

    /** An item's code as its newest record has it. */
    private record Held(int[] code, long claim) {}

    /**
     * Reads all codes.
     *
     * @return items in the order of their ids
     * @throws IOException if there is no such topic or model, or a record that is no code
     */
    Exported read(String modelVersion) throws IOException {
        List<Integer> sizes = codebookSizes(modelVersion);
        Map<TopicPartition, Long> ends = records.ends(records.existing(topics.itemCodes(modelVersion)));
        TreeMap<String, Held> items = new TreeMap<>();
        records.read(ends, record -> apply(record, sizes.size(), items), err, "reading");
        dropReassigned(items);
        TreeMap<Integer, Long> offsets = new TreeMap<>();
        ends.forEach((partition, end) -> offsets.put(partition.partition(), end));
        int[] codes = new int[items.size() * sizes.size()];
        int offset = 0;
        for (Held held : items.values()) {
            System.arraycopy(held.code, 0, codes, offset, sizes.size());
            offset += sizes.size();
        }
        return new Exported(
                Optional.of(new ArrayList<>(items.keySet())),
                sizes.size(),
                codes,
                Optional.of(new TrieMetadata(Optional.of(modelVersion), sizes, offsets)));
    }

    private List<Integer> codebookSizes(String modelVersion) throws IOException {
        ModelPublished[] model = new ModelPublished[1];
        records.read(
                records.ends(records.existing(topics.models())),
                record -> {
                    if (modelVersion.equals(new String(record.key(), UTF_8))) {
                        model[0] = record.value() == null ? null : Json.read(record.value(), ModelPublished.class);
                    }
                },
                err,
                "reading");
        if (model[0] == null) {
            throw new IOException("topic " + topics.models() + " has no model " + modelVersion);
        }
        return model[0].manifest().model().codebookSizes();
    }

    private static void apply(ConsumerRecord<byte[], byte[]> record, int levels, Map<String, Held> items) {
        String id = new String(record.key(), UTF_8);
        if (record.value() == null) {
            items.remove(id);
            return;
        }
        ItemCode code;
        try {
            code = Json.read(record.value(), ItemCode.class);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place(record) + " is no code: " + e.getMessage(), e);
        }
        if (code.codes().size() != levels) {
            throw new IllegalArgumentException(
                    place(record) + " has a code of " + code.codes().size() + " levels, the model has " + levels);
        }
        items.put(id, new Held(code.codes().stream().mapToInt(Integer::intValue).toArray(), code.claim()));
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    /**
     * The ends of partitions are not captured at one moment, so that a code may be seen with its former holder, whose next
     * record is beyond the end, and with its present one. The greater claim holds it.
     */
    private void dropReassigned(Map<String, Held> items) {
        Map<List<Integer>, Long> claims = new HashMap<>();
        items.values().forEach(held -> claims.merge(list(held.code), held.claim, Math::max));
        int before = items.size();
        items.values().removeIf(held -> held.claim < claims.get(list(held.code)));
        if (items.size() < before) {
            err.println("export: " + (before - items.size())
                    + " items left out: their codes have been given to other items meanwhile");
            err.flush();
        }
    }

    private static List<Integer> list(int[] code) {
        return Arrays.stream(code).boxed().toList();
    }
}
