package io.residua.common.inference;

import java.io.IOException;

/** A model's input or output has another number of columns than what it is used with. */
final class TensorWidthException extends IOException {
    private static final long serialVersionUID = 1;

    private final long columns;

    TensorWidthException(String message, long columns) {
        super(message);
        this.columns = columns;
    }

    /** How many columns the tensor has. */
    long columns() {
        return columns;
    }
}
