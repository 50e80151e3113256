package io.residua.indexer.generation;

/** A model that cannot be used; the message says why in one line. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean holdsForAll;

    private RefusedException(String message, Throwable cause, boolean holdsForAll) {
        super(message, cause);
        this.holdsForAll = holdsForAll;
    }

    /** This replica cannot use the model; others may. */
    static RefusedException here(String message, Throwable cause) {
        return new RefusedException(message, cause, false);
    }

    /** No replica can use the model. */
    static RefusedException forAll(String message) {
        return new RefusedException(message, null, true);
    }

    boolean holdsForAll() {
        return holdsForAll;
    }
}
