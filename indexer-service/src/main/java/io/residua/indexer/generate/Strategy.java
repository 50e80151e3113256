package io.residua.indexer.generate;

import java.util.Locale;

/** How collisions are resolved. */
enum Strategy {
    /** Entropic optimal transport on the last level, as in the stream. */
    SINKHORN,
    /** The exact minimum on the last level. */
    OPTIMAL,
    /** The Python scripts' loop of rounds; codes may collide at the end. */
    REFERENCE;

    /** The name as in the option. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
