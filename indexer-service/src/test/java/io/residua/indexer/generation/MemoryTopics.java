package io.residua.indexer.generation;

import io.residua.common.topic.TopicOffsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Topics and committed offsets in memory, read by any number of consumers, each of which may go back. */
final class MemoryTopics implements TopicOffsets {
    private final Map<TopicPartition, Log> logs = new HashMap<>();
    private final Map<String, Map<TopicPartition, Long>> committed = new HashMap<>();
    /** How often the end of a topic was asked for. */
    final Map<String, Integer> endsAsked = new HashMap<>();
    /** How many records were read of a topic. */
    final Map<String, Integer> recordsRead = new HashMap<>();
    /** Called whenever the ends of a topic are asked for. */
    java.util.function.Consumer<String> onEnds = topic -> {};

    /** One partition. */
    private static final class Log {
        final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long beginning;
        long end;
        /** Where the first open transaction begins. */
        long stableEnd = Long.MAX_VALUE;

        long readable() {
            return Math.min(end, stableEnd);
        }
    }

    /** Creates a topic. */
    MemoryTopics with(String topic, int partitions) {
        IntStream.range(0, partitions).forEach(p -> logs.put(new TopicPartition(topic, p), new Log()));
        return this;
    }

    /** Appends a record to partition 0 and returns its offset. */
    long add(String topic, byte[] key, byte[] value) {
        Log log = log(topic);
        log.records.add(new ConsumerRecord<>(topic, 0, log.end, key, value));
        return log.end++;
    }

    /** Offsets without a record: transaction markers, or what compaction removed. */
    void addGap(String topic, int offsets) {
        log(topic).end += offsets;
    }

    /** A transaction that begins at the present end of partition 0 stays open. */
    void beginTransaction(String topic) {
        log(topic).stableEnd = log(topic).end;
    }

    /** The open transaction ends. */
    void commitTransaction(String topic) {
        log(topic).stableEnd = Long.MAX_VALUE;
    }

    /** Records below an offset of partition 0 were deleted. */
    void purge(String topic, long below) {
        log(topic).beginning = below;
        log(topic).records.removeIf(record -> record.offset() < below);
    }

    /** A group has consumed partition 0 of a topic up to an offset. */
    void commit(String group, String topic, long offset) {
        committed.computeIfAbsent(group, name -> new HashMap<>()).put(new TopicPartition(topic, 0), offset);
    }

    /** A group has consumed all of partition 0. */
    void commitAll(String group, String topic) {
        commit(group, topic, log(topic).end);
    }

    private Log log(String topic) {
        return logs.get(new TopicPartition(topic, 0));
    }

    @Override
    public Map<TopicPartition, Long> committed(String group) {
        return Map.copyOf(committed.getOrDefault(group, Map.of()));
    }

    @Override
    public Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions) {
        return each(partitions, log -> log.beginning);
    }

    @Override
    public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
        partitions.stream().map(TopicPartition::topic).distinct().forEach(topic -> {
            endsAsked.merge(topic, 1, Integer::sum);
            onEnds.accept(topic);
        });
        return each(partitions, log -> log.end);
    }

    private Map<TopicPartition, Long> each(Collection<TopicPartition> partitions, Function<Log, Long> value) {
        Map<TopicPartition, Long> all = new HashMap<>();
        partitions.forEach(partition -> all.put(partition, value.apply(logs.get(partition))));
        return all;
    }

    /** A new consumer that reads committed records. */
    Consumer<byte[], byte[]> reader() {
        return new Reader();
    }

    private final class Reader extends MockConsumer<byte[], byte[]> {
        private final Map<TopicPartition, Long> positions = new HashMap<>();

        Reader() {
            super("earliest");
        }

        @Override
        public List<PartitionInfo> partitionsFor(String topic) {
            return logs.keySet().stream()
                    .filter(partition -> partition.topic().equals(topic))
                    .map(partition -> new PartitionInfo(topic, partition.partition(), null, null, null))
                    .toList();
        }

        @Override
        public synchronized void seek(TopicPartition partition, long offset) {
            positions.put(partition, offset);
        }

        @Override
        public synchronized void seekToBeginning(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> seek(partition, logs.get(partition).beginning));
        }

        @Override
        public synchronized long position(TopicPartition partition) {
            return positions.get(partition);
        }

        @Override
        public synchronized Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
            return each(partitions, Log::readable);
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> found = new HashMap<>();
            for (TopicPartition partition : assignment()) {
                Log log = logs.get(partition);
                List<ConsumerRecord<byte[], byte[]>> next = log.records.stream()
                        .filter(record -> record.offset() >= positions.get(partition))
                        .filter(record -> record.offset() < log.readable())
                        .toList();
                seek(partition, Math.max(positions.get(partition), log.readable()));
                if (!next.isEmpty()) {
                    found.put(partition, next);
                    recordsRead.merge(partition.topic(), next.size(), Integer::sum);
                }
            }
            return new ConsumerRecords<>(found, Map.of());
        }
    }
}
