package io.residua.stack.tour;

import io.residua.common.topic.TopicsConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Lag of a model version's consumer groups on {@code item-embeddings}. */
final class IndexerLag {
    private final Admin admin;
    private final TopicsConfig names;
    private final String modelVersion;

    IndexerLag(Admin admin, TopicsConfig names, String modelVersion) {
        this.admin = admin;
        this.names = names;
        this.modelVersion = modelVersion;
    }

    /** Waits until the indexer has encoded every embedding. Returns {@code false} on timeout. */
    boolean awaitNone(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (records() > 0) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return true;
    }

    /** Number of records that are not committed yet. */
    private long records() {
        Map<TopicPartition, Long> committed = committed();
        return ends().entrySet().stream()
                .mapToLong(end -> end.getValue().offset() - committed.getOrDefault(end.getKey(), 0L))
                .filter(lag -> lag > 0)
                .sum();
    }

    private Map<TopicPartition, Long> committed() {
        Map<String, ListConsumerGroupOffsetsSpec> groups =
                Clients.get("listing groups", admin.listGroups().all()).stream()
                        .map(GroupListing::groupId)
                        .filter(id -> id.contains(modelVersion))
                        .collect(Collectors.toMap(id -> id, id -> new ListConsumerGroupOffsetsSpec()));
        Map<TopicPartition, Long> committed = new HashMap<>();
        if (!groups.isEmpty()) {
            Map<String, Map<TopicPartition, OffsetAndMetadata>> all = Clients.get(
                    "reading groups' offsets",
                    admin.listConsumerGroupOffsets(groups).all());
            for (Map<TopicPartition, OffsetAndMetadata> offsets : all.values()) {
                offsets.forEach((partition, offset) -> {
                    if (offset != null) {
                        committed.merge(partition, offset.offset(), Math::max);
                    }
                });
            }
        }
        return committed;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> ends() {
        List<String> inputs = Clients.get("listing topics", admin.listTopics().names()).stream()
                .filter(names.itemEmbeddings()::equals)
                .toList();
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        Clients.get("describing topics", admin.describeTopics(inputs).allTopicNames())
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(info ->
                                partitions.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest())));
        return Clients.get("reading end offsets", admin.listOffsets(partitions).all());
    }
}
