package io.residua.indexer.encode;

/**
 * How many embeddings one generation's model has accepted and refused in this process, and the bound beyond which a model
 * that has accepted none gets no more: it would send the whole catalogue to the dead letters. Only what is the model's
 * matter counts, its dimension and its range: neither deletions nor damaged records do. Fed by the encoding thread, read
 * by any.
 */
public final class EncodeCounts {
    private volatile long maxRefusals;
    private volatile long accepted;
    private volatile long refused;

    /** Counts for a model that may refuse {@code maxRefusals} embeddings before it has accepted one. */
    public EncodeCounts(long maxRefusals) {
        this.maxRefusals = maxRefusals;
    }

    /** Counts for a model that may refuse any number of embeddings. */
    public static EncodeCounts unlimited() {
        return new EncodeCounts(Long.MAX_VALUE);
    }

    /** From now on the model may refuse any number of embeddings. */
    public void lift() {
        maxRefusals = Long.MAX_VALUE;
    }

    /** An embedding got a latent. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // One thread writes.
    void accepted() {
        accepted++;
    }

    /** An embedding became a dead letter. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // One thread writes.
    void refused() {
        refused++;
    }

    /** Embeddings that got a latent. */
    public long acceptedCount() {
        return accepted;
    }

    /** Embeddings that became dead letters. */
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

    /** The model has refused so much, and accepted nothing, that it gets no more. */
    static final class ExhaustedException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ExhaustedException(long refused) {
            super("the model refused the first " + refused + " embeddings and accepted none");
        }
    }
}
