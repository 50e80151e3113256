package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

/**
 * What the item stage knows of one item.
 *
 * @param position newest source position seen
 * @param status what the item waits for
 * @param fingerprint of the newest embedding; meaningless when deleted
 * @param norm of the newest embedding
 * @param nearestCodes of the newest embedding; empty when deleted
 * @param number the last request number given out; numbers only grow
 * @param place the published code, empty when there is none
 * @param claim the claim under which {@code place} is held
 */
public record ItemState(
        SourcePosition position,
        Status status,
        long fingerprint,
        double norm,
        int[] nearestCodes,
        long number,
        int[] place,
        long claim) {
    private static final int[] NONE = {};

    public ItemState {
        requireNonNull(position, "position is null");
        requireNonNull(status, "status is null");
        requireNonNull(nearestCodes, "nearestCodes is null");
        requireNonNull(place, "place is null");
    }

    /** Where an item stands. */
    public enum Status {
        /** The request {@link ItemState#number()} has not been answered. */
        PENDING,
        /** The newest embedding has its code. */
        CODED,
        /** No entry was free for the newest embedding. */
        REFUSED,
        /** The item was deleted; this is the marker that keeps older embeddings from reviving it. */
        DELETED
    }

    /** Whether a code of this item stands in the codes topic. */
    public boolean published() {
        return place.length > 0;
    }

    /** The same embedding was sent again at {@code newer}. */
    public ItemState movedTo(SourcePosition newer) {
        return new ItemState(newer, status, fingerprint, norm, nearestCodes, number, place, claim);
    }

    /** A new embedding, requested under {@code newNumber}; what is published stays until the answer. */
    public ItemState requested(Latent.Encoded latent, long newNumber) {
        return new ItemState(
                latent.position(),
                Status.PENDING,
                latent.fingerprint(),
                latent.norm(),
                latent.codes(),
                newNumber,
                place,
                claim);
    }

    /** The request was granted. */
    public ItemState granted(Answer.Grant grant) {
        return new ItemState(
                position, Status.CODED, fingerprint, norm, nearestCodes, number, grant.codes(), grant.claim());
    }

    /** The request found everything taken; what was published stays. */
    public ItemState refused() {
        return new ItemState(position, Status.REFUSED, fingerprint, norm, nearestCodes, number, place, claim);
    }

    /** The published place is held under a newer claim. */
    public ItemState reclaimed(long newClaim) {
        return new ItemState(position, status, fingerprint, norm, nearestCodes, number, place, newClaim);
    }

    /** The item was deleted at {@code newer}. */
    public ItemState deleted(SourcePosition newer) {
        return new ItemState(newer, Status.DELETED, 0, 0, NONE, number, NONE, 0);
    }

    /** The state of an item first seen with {@code latent}, requested under number 1. */
    public static ItemState first(Latent.Encoded latent) {
        return new ItemState(
                latent.position(), Status.PENDING, latent.fingerprint(), latent.norm(), latent.codes(), 1, NONE, 0);
    }

    /** The marker of an item first seen deleted. */
    public static ItemState deletedUnseen(SourcePosition position) {
        return new ItemState(position, Status.DELETED, 0, 0, NONE, 0, NONE, 0);
    }
}
