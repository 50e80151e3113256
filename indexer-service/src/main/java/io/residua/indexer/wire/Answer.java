package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.Resolution;

/** What a prefix answers to a {@link PrefixCommand.Request}; keyed by the item id on {@code grants}. */
public sealed interface Answer extends ItemInput {
    /** The number of the request that is answered. */
    long number();

    /**
     * The item may have this code.
     *
     * @param codes the full code
     * @param claim grows with every grant of that code
     * @param resolution how the last entry was found
     * @param quantisationError squared Euclidean distance between the latent and the sum of the entries of {@code codes}
     * @param nearestError the same for the nearest entries
     */
    record Grant(
            long number, int[] codes, long claim, Resolution resolution, double quantisationError, double nearestError)
            implements Answer {
        public Grant {
            requireNonNull(codes, "codes is null");
            requireNonNull(resolution, "resolution is null");
        }
    }

    /** Every entry within reach is taken. */
    record Full(long number) implements Answer {}
}
