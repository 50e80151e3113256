package io.residua.indexer.wire;

import org.apache.kafka.common.utils.Utils;

/**
 * Maps keys to partitions of internal topics. Encode stage and Kafka Streams both use this function, with the
 * partition count that the topic had when the generation opened: a topic that gains partitions later does not split
 * the records of a key.
 */
public final class KeyPartitions {
    private KeyPartitions() {}

    /** The partition of {@code key} among {@code partitions}: the same as Kafka's Java producers choose. */
    public static int of(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }
}
