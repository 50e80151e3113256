package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

/**
 * Who holds a code.
 *
 * @param itemId raw item id
 * @param claim the claim under which the item holds it
 */
public record HeldCode(byte[] itemId, long claim) {
    public HeldCode {
        requireNonNull(itemId, "itemId is null");
    }
}
