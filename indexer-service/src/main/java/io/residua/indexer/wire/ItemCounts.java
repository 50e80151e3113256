package io.residua.indexer.wire;

/**
 * How many items of one partition of the item stage are coded or refused now.
 *
 * @param coded items whose newest embedding has its code
 * @param refused items whose newest embedding found no free entry
 */
public record ItemCounts(long coded, long refused) {}
