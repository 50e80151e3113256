package io.residua.indexer.assign;

import io.residua.indexer.wire.SourcePosition;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads single records of {@code item-embeddings} again, for the rare item that is refused after it was encoded. */
public interface SourceRecords {
    /** The record at a position, or empty if it is gone: compacted away because a newer one replaced it. */
    Optional<ConsumerRecord<byte[], byte[]>> read(SourcePosition position);
}
