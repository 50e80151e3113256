package io.residua.indexer.generation;

/** Where a running generation stands. A transition is a method of the state it leaves. */
sealed interface GenerationState {
    /** Coding the embeddings that were there when the generation opened. */
    record Building(long done, long total) implements GenerationState {
        Building advancedTo(long nowDone) {
            return new Building(Math.max(done, nowDone), total);
        }

        Ready toReady() {
            return new Ready(total);
        }
    }

    /** Every embedding that was there at the opening has been answered. */
    record Ready(long total) implements GenerationState {}
}
