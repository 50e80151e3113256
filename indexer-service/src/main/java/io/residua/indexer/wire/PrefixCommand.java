package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

/** What the item stage asks of a prefix; keyed by {@link Codes#prefixKey} on {@code requests}. */
public sealed interface PrefixCommand {
    /**
     * Asks for an entry of the prefix.
     *
     * @param itemId raw item id
     * @param number the item's request number; the answer repeats it
     * @param codes nearest entries, one per level; all but the last are the prefix
     * @param z the latent
     */
    record Request(byte[] itemId, long number, int[] codes, float[] z) implements PrefixCommand {
        public Request {
            requireNonNull(itemId, "itemId is null");
            requireNonNull(codes, "codes is null");
            requireNonNull(z, "z is null");
        }
    }

    /**
     * Gives an entry back.
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
