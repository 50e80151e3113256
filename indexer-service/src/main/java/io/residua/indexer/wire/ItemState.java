package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * The state that the item stage keeps of one item. {@code fingerprint}, {@code code} and {@code claim} describe the
 * item's record in the codes topic; a refusal changes none of them.
 *
 * @param seen the newest source position, and the greatest offset seen of every source partition
 * @param status outcome of the newest position
 * @param fingerprint of the embedding that the published code belongs to; 0 when nothing is published
 * @param code the published code, empty when nothing is published
 * @param claim the claim under which {@code code} is held
 */
public record ItemState(SeenPositions seen, Status status, long fingerprint, int[] code, long claim) {
    private static final int[] NOTHING = {};

    public ItemState {
        requireNonNull(seen, "seen is null");
        requireNonNull(status, "status is null");
        requireNonNull(code, "code is null");
    }

    /** Outcome of an item's newest embedding. */
    public enum Status {
        /** It has a code. */
        CODED,
        /** No entry was free within its reach. */
        REFUSED,
        /** The item was deleted. The marker keeps older embeddings from reviving it. */
        DELETED
    }

    /** Whether the codes topic holds a record of this item. */
    public boolean published() {
        return code.length > 0;
    }

    /** Whether {@code codes} is the published code. */
    public boolean publishes(int[] codes) {
        return Arrays.equals(code, codes);
    }

    /** Whether a code is published for the embedding with this fingerprint. */
    public boolean publishesEmbedding(long embedding) {
        return published() && fingerprint == embedding;
    }

    /** The state after a newer record with the same embedding: the published code stays. */
    public ItemState confirmed(SeenPositions newer) {
        return new ItemState(newer, Status.CODED, fingerprint, code, claim);
    }

    /** The state after a newer claim for the published code. */
    public ItemState reclaimed(long newClaim) {
        return new ItemState(seen, status, fingerprint, code, newClaim);
    }

    /** The state after the newest embedding found no free entry. The published code stays. */
    public ItemState refused(SeenPositions newer) {
        return new ItemState(newer, Status.REFUSED, fingerprint, code, claim);
    }

    /** The same with other positions. */
    public ItemState withSeen(SeenPositions more) {
        return new ItemState(more, status, fingerprint, code, claim);
    }

    /** An item whose grant was published. */
    public static ItemState coded(SeenPositions seen, ItemCommand.Grant grant) {
        return new ItemState(seen, Status.CODED, grant.fingerprint(), grant.codes(), grant.claim());
    }

    /** An item without a published code that found no free entry. */
    public static ItemState refusedUnpublished(SeenPositions seen) {
        return new ItemState(seen, Status.REFUSED, 0, NOTHING, 0);
    }

    /** The marker of a deleted item. */
    public static ItemState deleted(SeenPositions seen) {
        return new ItemState(seen, Status.DELETED, 0, NOTHING, 0);
    }
}
