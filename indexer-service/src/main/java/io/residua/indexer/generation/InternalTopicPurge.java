package io.residua.indexer.generation;

import static io.residua.indexer.generation.KafkaClients.await;

import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.GenerationTopics;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Deletes from a generation's internal topics what has been consumed: they are kept without limit otherwise, and Kafka
 * Streams purges only topics of its own making.
 */
class InternalTopicPurge {
    private final Admin admin;
    private final IndexerMeters meters;

    InternalTopicPurge(Admin admin, IndexerMeters meters) {
        this.admin = admin;
        this.meters = meters;
    }

    /** Deletes the records below the committed offsets of the assigning group. */
    void purge(GenerationTopics topics) {
        Map<TopicPartition, OffsetAndMetadata> committed =
                await(admin.listConsumerGroupOffsets(topics.application()).partitionsToOffsetAndMetadata());
        Map<TopicPartition, OffsetSpec> consumed = new HashMap<>();
        committed.keySet().stream()
                .filter(partition -> topics.internal().contains(partition.topic()))
                .forEach(partition -> consumed.put(partition, OffsetSpec.earliest()));
        Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
        await(admin.listOffsets(consumed).all()).forEach((partition, earliest) -> {
            long end = committed.get(partition).offset();
            if (end > earliest.offset()) {
                deletions.put(partition, RecordsToDelete.beforeOffset(end));
                meters.purged(end - earliest.offset());
            }
        });
        if (!deletions.isEmpty()) {
            await(admin.deleteRecords(deletions).all());
        }
    }
}
