package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

/** What the encode stage says of one record of {@code item-embeddings}; keyed by the item id on {@code latents}. */
public sealed interface Latent extends ItemInput {
    /** The record this is about. */
    SourcePosition position();

    /** The item was deleted. */
    record Deleted(SourcePosition position) implements Latent {
        public Deleted {
            requireNonNull(position, "position is null");
        }
    }

    /**
     * The item has an embedding.
     *
     * @param fingerprint 64-bit hash of the decoded embedding
     * @param norm the embedding's Euclidean norm
     * @param codes nearest entries, one per level
     * @param z the latent, {@code eDim} floats
     */
    record Encoded(SourcePosition position, long fingerprint, double norm, int[] codes, float[] z) implements Latent {
        public Encoded {
            requireNonNull(position, "position is null");
            requireNonNull(codes, "codes is null");
            requireNonNull(z, "z is null");
        }
    }
}
