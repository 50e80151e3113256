package io.residua.indexer.lookup;

/** A generation cannot be looked up here now, but will be: ask again in a while. */
final class NotServedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotServedException(String message) {
        super(message);
    }
}
