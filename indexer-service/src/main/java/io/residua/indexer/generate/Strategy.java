package io.residua.indexer.generate;

/** How collisions are resolved. */
enum Strategy {
    /** Entropic optimal transport on the last level, as in the stream. */
    SINKHORN,
    /** The exact minimum on the last level. */
    OPTIMAL,
    /** The Python scripts' loop of rounds; codes may collide at the end. */
    REFERENCE
}
