package io.residua.indexer.generation;

/** What can be expected of a generation's codes on this replica. */
public enum Availability {
    /** There is no such generation, or no longer, or it was refused. */
    UNKNOWN,
    /** It is building, or does not run here yet. */
    NOT_READY,
    /** Its codes are complete. */
    READY
}
