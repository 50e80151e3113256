package io.residua.common.npy;

/** The element types of {@code .npy} files that Residua knows. */
public enum NpyType {
    /** IEEE 754 binary16. */
    FLOAT16("f2", 2),
    /** IEEE 754 binary32. */
    FLOAT32("f4", 4),
    /** IEEE 754 binary64. */
    FLOAT64("f8", 8),
    /** Signed 64-bit integers: written only. */
    INT64("i8", 8);

    private final String code;
    private final int bytes;

    NpyType(String code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** NumPy's name of the type, without the byte order. */
    String code() {
        return code;
    }

    /** Bytes per element. */
    int bytes() {
        return bytes;
    }
}
