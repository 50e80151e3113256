package io.residua.indexer.lookup;

import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A read model's files cannot be read or written. */
final class ReadModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Status status;

    ReadModelException(RocksDBException cause) {
        super(cause.getMessage(), cause);
        status = cause.getStatus();
    }

    /** Whether the files are damaged, so that only building the model anew helps. */
    boolean isCorrupt() {
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    /** Whether the same may work later, for instance because another reader of the files, or the disk, is in the way. */
    boolean isPassing() {
        // A file that is missing never comes back; RocksDB's Java API has no code of its own for that.
        return status != null
                && status.getCode() == Status.Code.IOError
                && !getMessage().contains("No such file");
    }
}
