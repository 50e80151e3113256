package io.residua.indexer.assign;

import io.residua.common.quantise.Codebooks;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * What the stages of one generation need to know.
 *
 * @param modelVersion the generation's model
 * @param codebooks its codebooks
 * @param partitions of requests, grants and codes when the generation opened
 * @param sinkhornEpsilon final relative temperature of the assignment
 * @param resolveInterval how often waiting items are assigned
 * @param commitInterval longest time between two commits of a stream thread
 * @param deleteMarkerRetention how long deleted items are remembered
 * @param floor the newest known floor of the source
 * @param sourceRecords reads embeddings again
 * @param deadLetters makes the letters about refused embeddings
 * @param meters counts what happens
 */
public record AssignSettings(
        String modelVersion,
        Codebooks codebooks,
        int partitions,
        double sinkhornEpsilon,
        Duration resolveInterval,
        Duration commitInterval,
        Duration deleteMarkerRetention,
        Supplier<SourceFloor> floor,
        SourceRecords sourceRecords,
        DeadLetters deadLetters,
        IndexerMeters meters) {}
