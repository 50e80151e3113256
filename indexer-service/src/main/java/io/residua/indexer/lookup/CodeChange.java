package io.residua.indexer.lookup;

/**
 * What one record of a codes topic says. Not compared; arrays are not copied.
 *
 * @param itemId the item, as the bytes of its id
 * @param code its code, as {@link io.residua.indexer.wire.Codes#key} writes it; {@code null} if the item was deleted
 * @param claim the code's claim; 0 if the item was deleted
 */
@SuppressWarnings("ArrayRecordComponent")
record CodeChange(byte[] itemId, byte[] code, long claim) {
    boolean isDeletion() {
        return code == null;
    }
}
