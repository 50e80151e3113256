package io.residua.common.safetensors;

/** The element types of safetensors files that Residua knows; little-endian. */
public enum DType {
    F64(8),
    F32(4),
    F16(2),
    /** The upper half of a float32. */
    BF16(2),
    I64(8),
    I32(4),
    U8(1),
    /** One byte per element, 0 or 1. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements are floating-point numbers. */
    public boolean isFloat() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }
}
