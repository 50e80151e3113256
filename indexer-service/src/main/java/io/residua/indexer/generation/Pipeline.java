package io.residua.indexer.generation;

import io.residua.common.device.Device;
import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.encode.EncodeCounts;
import java.util.Optional;

/** The running parts of one generation on this replica: its encoder and its Kafka Streams application. */
interface Pipeline extends AutoCloseable {
    /** Looks at the broker; true once every embedding that was there at the opening has been answered. */
    boolean isComplete();

    /** Embeddings that were there at the opening. */
    long total();

    /** How many of them have been encoded, as of the last {@link #isComplete}. */
    long done();

    /** Whether there was anything to code at the opening. */
    boolean sourceHasEmbeddings();

    /** Captures the floor of the source from time to time, once the generation is ready. */
    void captureFloor();

    /** How many items are coded and refused, on all replicas together. */
    Items items();

    /** What the encoder accepted and refused on this replica. */
    EncodeCounts encodeCounts();

    /** Encodes no further; the other parts go on. */
    void stopEncoding();

    /** Where the encoder runs. */
    Device device();

    /** Whether this replica writes the generation's status: it has the item stage's first partition. */
    boolean isStatusWriter();

    /** How many of the generation's tasks run on this replica. */
    int tasks();

    /** Connected, no state being restored, and not stopped by a bound that has been lifted since. */
    boolean isServing();

    /** Why the encoder fails now; nothing while it does not. */
    Optional<String> encodeTrouble();

    /** Why it cannot go on unless it is opened again; nothing if it can. */
    Optional<String> failure();

    @Override
    void close();
}
