package io.residua.indexer.lookup;

import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A read model's files cannot be read or written. */
final class ReadModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean corrupt;

    ReadModelException(RocksDBException cause) {
        super(cause.getMessage(), cause);
        Status status = cause.getStatus();
        this.corrupt = status != null && status.getCode() == Status.Code.Corruption;
    }

    /** Whether the files are damaged, so that only building the model anew helps. */
    boolean isCorrupt() {
        return corrupt;
    }
}
