package io.residua.indexer.lookup;

/** A read model is no copy of its topic any more and has to be built anew. */
final class OutdatedModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutdatedModelException(String message) {
        super(message);
    }
}
