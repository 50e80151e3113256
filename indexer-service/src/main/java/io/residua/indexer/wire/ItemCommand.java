package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.Resolution;

/** What the item stage consumes; keyed by the item id on {@code grants}. */
public sealed interface ItemCommand {
    /** The record of {@code item-embeddings} this is about. */
    SourcePosition position();

    /**
     * The item may have this code.
     *
     * @param fingerprint 64-bit hash of the embedding at {@code position}
     * @param norm the embedding's Euclidean norm
     * @param nearestCodes its nearest entries, one per level
     * @param codes the full code that is granted
     * @param claim the claim under which the item holds {@code codes} now
     * @param resolution how the code was found
     * @param quantisationError squared Euclidean distance between the latent and the sum of the entries of {@code codes}
     * @param nearestError the same for {@code nearestCodes}
     */
    record Grant(
            SourcePosition position,
            long fingerprint,
            double norm,
            int[] nearestCodes,
            int[] codes,
            long claim,
            Resolution resolution,
            double quantisationError,
            double nearestError)
            implements ItemCommand {
        public Grant {
            requireNonNull(position, "position is null");
            requireNonNull(nearestCodes, "nearestCodes is null");
            requireNonNull(codes, "codes is null");
            requireNonNull(resolution, "resolution is null");
        }
    }

    /** Every entry within reach of the embedding at {@code position} is held by others. */
    record NoFreeCode(SourcePosition position, long fingerprint) implements ItemCommand {
        public NoFreeCode {
            requireNonNull(position, "position is null");
        }
    }

    /** The record at {@code position} deletes the item. */
    record Deleted(SourcePosition position) implements ItemCommand {
        public Deleted {
            requireNonNull(position, "position is null");
        }
    }
}
