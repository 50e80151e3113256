package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

/** What the prefix stage consumes; keyed by the prefix, {@link Codes#prefixKey}, on {@code requests}. */
public sealed interface PrefixCommand {
    /**
     * Asks for an entry of the prefix, for the embedding at {@code position}.
     *
     * @param itemId raw item id
     * @param position the embedding's source record
     * @param fingerprint 64-bit hash of the decoded embedding
     * @param norm the embedding's Euclidean norm
     * @param codes nearest entries, one per level
     * @param z the latent, {@code eDim} floats
     * @param spills how many prefixes had no free entry before; 0 on the prefix of {@code codes}
     */
    record Request(
            byte[] itemId, SourcePosition position, long fingerprint, double norm, int[] codes, float[] z, int spills)
            implements PrefixCommand {
        public Request {
            requireNonNull(itemId, "itemId is null");
            requireNonNull(position, "position is null");
            requireNonNull(codes, "codes is null");
            requireNonNull(z, "z is null");
        }

        /** The same request, passed on to its next prefix. */
        public Request spilled() {
            return afterSpills(spills + 1);
        }

        /** The same request after {@code count} prefixes had no free entry. */
        public Request afterSpills(int count) {
            return new Request(itemId, position, fingerprint, norm, codes, z, count);
        }
    }

    /**
     * Frees an entry.
     *
     * @param codes the full code
     * @param claim the claim under which it was held; if the entry has been claimed anew since, nothing happens
     */
    record Release(int[] codes, long claim) implements PrefixCommand {
        public Release {
            requireNonNull(codes, "codes is null");
        }
    }
}
