package io.residua.common.pytorch;

import io.residua.common.io.Float16;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The types of PyTorch's storages: what elements they hold, and how to read one. */
enum StorageType {
    DOUBLE("DoubleStorage", 8, true) {
        @Override
        float real(ByteBuffer bytes, int index) {
            return (float) bytes.getDouble(index * Double.BYTES);
        }
    },
    FLOAT("FloatStorage", 4, true) {
        @Override
        float real(ByteBuffer bytes, int index) {
            return bytes.getFloat(index * Float.BYTES);
        }
    },
    HALF("HalfStorage", 2, true) {
        @Override
        float real(ByteBuffer bytes, int index) {
            return Float16.toFloat(bytes.getShort(index * Short.BYTES));
        }
    },
    BFLOAT16("BFloat16Storage", 2, true) {
        @Override
        float real(ByteBuffer bytes, int index) {
            return Float16.fromBfloat16(bytes.getShort(index * Short.BYTES));
        }
    },
    LONG("LongStorage", 8, false) {
        @Override
        long whole(ByteBuffer bytes, int index) {
            return bytes.getLong(index * Long.BYTES);
        }
    },
    INT("IntStorage", 4, false) {
        @Override
        long whole(ByteBuffer bytes, int index) {
            return bytes.getInt(index * Integer.BYTES);
        }
    },
    SHORT("ShortStorage", 2, false) {
        @Override
        long whole(ByteBuffer bytes, int index) {
            return bytes.getShort(index * Short.BYTES);
        }
    },
    CHAR("CharStorage", 1, false) {
        @Override
        long whole(ByteBuffer bytes, int index) {
            return bytes.get(index);
        }
    },
    BYTE("ByteStorage", 1, false) {
        @Override
        long whole(ByteBuffer bytes, int index) {
            return Byte.toUnsignedLong(bytes.get(index));
        }
    },
    BOOL("BoolStorage", 1, false) {
        @Override
        long whole(ByteBuffer bytes, int index) {
            return bytes.get(index);
        }
    };

    private final String className;
    private final int bytes;
    private final boolean floating;

    StorageType(String className, int bytes, boolean floating) {
        this.className = className;
        this.bytes = bytes;
        this.floating = floating;
    }

    /** The type of a class of the module {@code torch}. */
    static Optional<StorageType> ofClass(String className) {
        return Arrays.stream(values())
                .filter(type -> type.className.equals(className))
                .findFirst();
    }

    /** Bytes per element. */
    int bytes() {
        return bytes;
    }

    /** Whether elements are floating-point numbers, not integers or truth values. */
    boolean isFloating() {
        return floating;
    }

    /** An element of a floating-point type, as float32. */
    float real(ByteBuffer bytes, int index) {
        throw new IllegalStateException(this + " holds integers");
    }

    /** An element of another type. */
    long whole(ByteBuffer bytes, int index) {
        throw new IllegalStateException(this + " holds floating-point numbers");
    }
}
