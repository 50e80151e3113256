package io.residua.indexer.lookup;

import java.util.List;

/**
 * An entry that follows a prefix.
 *
 * @param entry the entry
 * @param items how many items' codes begin with the prefix and this entry
 * @param samples ids of some of them, in the order of their codes
 */
record PrefixChild(int entry, long items, List<String> samples) {}
