package io.residua.benchmarks.datapath;

/**
 * The embeddings of the items of a run. Each is made when it is asked for, from a seed and the item's number, so that a
 * million of them need no memory and two runs send the same. Thread-safe.
 */
@FunctionalInterface
interface ItemVectors {
    /** The embedding of item number {@code item}, at least 0. */
    float[] of(long item);
}
