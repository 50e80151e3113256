package io.residua.common.embedding;

/**
 * A record of {@code item-embeddings} that cannot be used. The message says what was wrong and what was expected;
 * {@link #reason()} is for programs. It has no stack trace, because refusals can be frequent.
 */
public final class InvalidEmbeddingException extends Exception {
    /** The vector has another number of elements than the model's dimension. */
    public static final String WRONG_DIMENSION = "wrong-dimension";
    /** An element is NaN, infinite, or too large for float32. */
    public static final String NOT_FINITE = "not-finite";
    /** The value is not JSON of the form <code>{"vector":[…]}</code>. */
    public static final String BAD_JSON = "bad-json";
    /** The {@code content-type} header names a form that is not known. */
    public static final String UNKNOWN_CONTENT_TYPE = "unknown-content-type";
    /** The record's key is not an item id. */
    public static final String BAD_ITEM_ID = "bad-item-id";

    private static final long serialVersionUID = 1L;

    private final String reason;

    InvalidEmbeddingException(String reason, String message) {
        this(reason, message, null);
    }

    InvalidEmbeddingException(String reason, String message, Throwable cause) {
        super(message, cause, true, false);
        this.reason = reason;
    }

    /** A short code that never changes, one of this class's constants. */
    public String reason() {
        return reason;
    }
}
