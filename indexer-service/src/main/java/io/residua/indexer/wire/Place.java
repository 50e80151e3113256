package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

/**
 * Who holds an entry.
 *
 * @param itemId raw item id
 * @param claim the claim under which it is held
 */
public record Place(byte[] itemId, long claim) {
    public Place {
        requireNonNull(itemId, "itemId is null");
    }
}
