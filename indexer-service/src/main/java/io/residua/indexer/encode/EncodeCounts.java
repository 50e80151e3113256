package io.residua.indexer.encode;

/**
 * Counts the embeddings that one generation's model has accepted and refused in this process. A model that reaches the
 * bound of refusals without having accepted any embedding is stopped, so that it does not dead-letter the whole
 * catalogue. Only refusals by dimension or range count, not deletions or damaged records. Written by the encoding
 * thread, read by any.
 */
public final class EncodeCounts {
    private volatile long maxRefusals;
    private volatile long accepted;
    private volatile long refused;

    /** Counts for a model that may refuse {@code maxRefusals} embeddings before it has accepted one. */
    public EncodeCounts(long maxRefusals) {
        this.maxRefusals = maxRefusals;
    }

    /** Removes the bound. */
    void lift() {
        maxRefusals = Long.MAX_VALUE;
    }

    /** Counts an accepted embedding. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // One thread writes.
    void accepted() {
        accepted++;
    }

    /** Counts a refused embedding. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // One thread writes.
    void refused() {
        refused++;
    }

    /** Number of accepted embeddings. */
    public long acceptedCount() {
        return accepted;
    }

    /** Number of refused embeddings. */
    public long refusedCount() {
        return refused;
    }

    /** Whether the bound is reached and nothing has been accepted. */
    public boolean isExhausted() {
        return accepted == 0 && refused >= maxRefusals;
    }

    /** Called before each batch, so that a batch is encoded as a whole or not at all. */
    void requireNotExhausted() {
        if (isExhausted()) {
            throw new ExhaustedException(refused);
        }
    }

    /** The bound of refusals is reached. */
    static final class ExhaustedException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ExhaustedException(long refused) {
            super("the model refused the first " + refused + " embeddings and accepted none");
        }
    }
}
