package io.residua.indexer.generation;

/** A generation that cannot be used; the message says why, and what to do, in one line. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean holdsForAll;

    private RefusedException(String message, Throwable cause, boolean holdsForAll) {
        super(message, cause);
        this.holdsForAll = holdsForAll;
    }

    /** This replica cannot use it; others may. */
    static RefusedException here(String message, Throwable cause) {
        return new RefusedException(message, cause, false);
    }

    /** This replica cannot use it; others may. */
    static RefusedException here(String message) {
        return here(message, null);
    }

    /** No replica can use it. */
    static RefusedException forAll(String message) {
        return new RefusedException(message, null, true);
    }

    boolean holdsForAll() {
        return holdsForAll;
    }
}
