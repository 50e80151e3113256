package io.residua.indexer.assign;

import io.residua.indexer.wire.SourcePosition;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads single records of {@code item-embeddings} again, for the rare item that is refused after it was encoded. */
public interface SourceRecords {
    /**
     * The record at a position, read by a thread of its own; empty if it is gone, because compaction kept a newer one.
     * Completes exceptionally if the broker did not answer: trying again may help.
     */
    CompletableFuture<Optional<ConsumerRecord<byte[], byte[]>>> read(SourcePosition position);
}
