package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** The dead letters about records of {@code item-embeddings}. A letter does not say which generation wrote it. */
final class LetterHistory {
    private final String sourceTopic;
    private final KeyIndex items;
    private final Set<Integer> shortened;
    private final Map<Integer, Long> firstTimestamps = new HashMap<>();
    private final Map<SourceOffset, Set<String>> reasons = new HashMap<>();
    private final Map<Integer, SourceOffset> latestOfItem = new HashMap<>();
    private long letters;
    private long otherTopics;

    /** Partition and offset of a source record. */
    record SourceOffset(int partition, long offset) {}

    /** Letters about {@code sourceTopic}; retention has removed letters of the partitions {@code shortened}. */
    LetterHistory(String sourceTopic, KeyIndex items, Set<Integer> shortened) {
        this.sourceTopic = sourceTopic;
        this.items = items;
        this.shortened = Set.copyOf(shortened);
    }

    /** Adds a letter; notes it in {@code violations} if its headers cannot be read. */
    void add(ConsumerRecord<byte[], byte[]> record, Violations violations) {
        letters++;
        firstTimestamps.putIfAbsent(record.partition(), record.timestamp());
        try {
            String reason = header(record, "reason");
            if (!header(record, "topic").equals(sourceTopic)) {
                otherTopics++;
                return;
            }
            SourceOffset source = new SourceOffset(
                    Integer.parseInt(header(record, "partition")), Long.parseLong(header(record, "offset")));
            reasons.computeIfAbsent(source, first -> new HashSet<>(2)).add(reason);
            int item = record.key() == null ? SourceHistory.NONE : items.find(record.key());
            if (item != SourceHistory.NONE) {
                latestOfItem.merge(item, source, (a, b) -> a.offset() > b.offset() ? a : b);
            }
        } catch (IllegalArgumentException e) {
            violations.add(
                    ViolationKind.UNREADABLE_LETTER,
                    record.key(),
                    record.topic() + "-" + record.partition() + "@" + record.offset() + ": " + e.getMessage());
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader("dead-letter-" + name);
        if (header == null || header.value() == null) {
            throw new IllegalArgumentException("header dead-letter-" + name + " is missing");
        }
        return new String(header.value(), UTF_8);
    }

    boolean has(int partition, long offset, String reason) {
        return reasons.getOrDefault(new SourceOffset(partition, offset), Set.of())
                .contains(reason);
    }

    /** The greatest source offset among the letters with this item's key, {@code null} if there is none. */
    SourceOffset latest(int item) {
        return latestOfItem.get(item);
    }

    /** Whether retention may have removed a letter about a record of that time: no letter is older than its record. */
    boolean mayBeGone(long timestamp) {
        return shortened.stream()
                .anyMatch(partition -> timestamp < firstTimestamps.getOrDefault(partition, Long.MAX_VALUE));
    }

    long size() {
        return letters;
    }

    /** Letters about records of other topics: malformed internal records. */
    long aboutOtherTopics() {
        return otherTopics;
    }
}
