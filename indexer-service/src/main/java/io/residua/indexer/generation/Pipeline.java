package io.residua.indexer.generation;

import io.residua.common.device.Device;
import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.encode.EncodeCounts;
import java.util.Optional;

/** The running parts of one generation on this replica: its encoder and its Kafka Streams application. */
interface Pipeline extends AutoCloseable {
    /** Checks the broker. Returns true once every embedding that the source held at opening has been answered. */
    boolean isComplete();

    /** Number of embeddings that the source held at opening. */
    long total();

    /** How many of them have been encoded, as of the last {@link #isComplete}. */
    long done();

    /** Whether the source held any embedding at opening. */
    boolean sourceHasEmbeddings();

    /** Captures the floor of the source from time to time, once the generation is ready. */
    void captureFloor();

    /** How many items are coded and refused, on all replicas together. */
    Items items();

    /** What the encoder accepted and refused on this replica. */
    EncodeCounts encodeCounts();

    /** Notes that the generation is ready: its encoder may refuse any number of embeddings, and has priority. */
    void onReady();

    /** Stops the encoder. The other parts continue. */
    void stopEncoding();

    /** Where the encoder runs. */
    Device device();

    /** Whether this replica writes the generation's status: it has the item stage's first partition. */
    boolean isStatusWriter();

    /** How many of the generation's tasks run on this replica. */
    int tasks();

    /** Whether it runs, restores no state, and its encoder was not stopped by a bound that no longer applies. */
    boolean isServing();

    /** Why the encoder fails now; empty if it does not. */
    Optional<String> encodeTrouble();

    /** Why it must be reopened; empty if it need not. */
    Optional<String> failure();

    @Override
    void close();
}
