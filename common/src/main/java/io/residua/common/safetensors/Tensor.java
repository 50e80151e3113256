package io.residua.common.safetensors;

import io.residua.common.io.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An array of numbers with a shape: type, sizes and the little-endian bytes in C order. Immutable. */
public final class Tensor {
    private final DType dtype;
    private final long[] shape;
    private final ByteBuffer bytes;

    /**
     * A tensor over bytes that must not change any more.
     *
     * @param bytes from position to limit: its elements, little-endian
     * @throws IllegalArgumentException if the shape does not fit the number of bytes
     */
    public Tensor(DType dtype, ByteBuffer bytes, long... shape) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.bytes = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (elements(shape) * dtype.bytes() != this.bytes.limit()) {
            throw new IllegalArgumentException("tensor of " + dtype + " and shape " + Arrays.toString(shape) + " has "
                    + this.bytes.limit() + " bytes, expected " + elements(shape) * dtype.bytes());
        }
    }

    /** A tensor of type F32. */
    public static Tensor of(float[] elements, long... shape) {
        ByteBuffer bytes = allocate(DType.F32, elements.length);
        bytes.asFloatBuffer().put(elements);
        return new Tensor(DType.F32, bytes, shape);
    }

    /** A tensor of type F64. */
    public static Tensor of(double[] elements, long... shape) {
        ByteBuffer bytes = allocate(DType.F64, elements.length);
        bytes.asDoubleBuffer().put(elements);
        return new Tensor(DType.F64, bytes, shape);
    }

    /** A tensor of type I64. */
    public static Tensor of(long[] elements, long... shape) {
        ByteBuffer bytes = allocate(DType.I64, elements.length);
        bytes.asLongBuffer().put(elements);
        return new Tensor(DType.I64, bytes, shape);
    }

    /** A tensor of type I32. */
    public static Tensor of(int[] elements, long... shape) {
        ByteBuffer bytes = allocate(DType.I32, elements.length);
        bytes.asIntBuffer().put(elements);
        return new Tensor(DType.I32, bytes, shape);
    }

    /** A tensor of type F16: each element the nearest one, ties to even. */
    public static Tensor ofFloat16(float[] elements, long... shape) {
        ByteBuffer bytes = allocate(DType.F16, elements.length);
        for (int i = 0; i < elements.length; i++) {
            bytes.putShort(i * Short.BYTES, Float16.fromFloat(elements[i]));
        }
        return new Tensor(DType.F16, bytes, shape);
    }

    /** Type of the elements. */
    public DType dtype() {
        return dtype;
    }

    /** Sizes, outermost first; empty for a single number. */
    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public int size() {
        return bytes.limit() / dtype.bytes();
    }

    /** The elements' bytes, little-endian, read-only. */
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The elements of a floating-point tensor as float32.
     *
     * @throws IllegalStateException if it is of another type
     */
    public float[] floats() {
        require(dtype.isFloat(), "floating-point numbers");
        float[] floats = new float[size()];
        if (dtype == DType.F32) {
            bytes.asFloatBuffer().get(floats);
            return floats;
        }
        for (int i = 0; i < floats.length; i++) {
            floats[i] = switch (dtype) {
                case F16 -> Float16.toFloat(bytes.getShort(i * Short.BYTES));
                case BF16 -> Float16.fromBfloat16(bytes.getShort(i * Short.BYTES));
                default -> (float) bytes.getDouble(i * Double.BYTES);
            };
        }
        return floats;
    }

    /**
     * The elements of a floating-point tensor as float64.
     *
     * @throws IllegalStateException if it is of another type
     */
    public double[] doubles() {
        require(dtype.isFloat(), "floating-point numbers");
        double[] doubles = new double[size()];
        if (dtype == DType.F64) {
            bytes.asDoubleBuffer().get(doubles);
            return doubles;
        }
        float[] floats = floats();
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }

    /**
     * The elements of a tensor of integers or truth values (0, 1).
     *
     * @throws IllegalStateException if it is of another type
     */
    public long[] longs() {
        require(!dtype.isFloat(), "integers");
        long[] longs = new long[size()];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = switch (dtype) {
                case I64 -> bytes.getLong(i * Long.BYTES);
                case I32 -> bytes.getInt(i * Integer.BYTES);
                default -> Byte.toUnsignedLong(bytes.get(i));
            };
        }
        return longs;
    }

    /** Product of the sizes. */
    static long elements(long[] shape) {
        long elements = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "shape is " + Arrays.toString(shape) + ", expected no negative size");
            }
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }

    private void require(boolean fits, String expected) {
        if (!fits) {
            throw new IllegalStateException("tensor has elements of type " + dtype + ", expected " + expected);
        }
    }

    private static ByteBuffer allocate(DType dtype, int elements) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, dtype.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
