package io.residua.indexer.encode;

import io.smallrye.mutiny.Multi;
import java.time.Duration;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Where micro-batches of embeddings come from. It is opened again after a failure, and goes on where batches were acknowledged. */
interface EmbeddingSource {
    /** Batches, from the last acknowledged one on. */
    Multi<Message<?>> open();

    /** How long the consumer has not been in contact with its group's broker; zero if it is, or has just begun. */
    Duration silence();
}
