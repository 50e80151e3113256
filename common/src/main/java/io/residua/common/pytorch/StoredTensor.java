package io.residua.common.pytorch;

import io.residua.common.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.razorvine.pickle.PickleException;

/**
 * A tensor as a checkpoint describes it: a view of a storage whose bytes are elsewhere.
 *
 * @param storage the storage
 * @param offset index of the tensor's first element in it
 * @param size sizes, outermost first
 * @param stride per dimension, how far apart in the storage neighbours are, in elements
 */
record StoredTensor(Storage storage, long offset, long[] size, long[] stride) {
    StoredTensor {
        if (size.length != stride.length || offset < 0 || Arrays.stream(stride).anyMatch(step -> step < 0)) {
            throw new PickleException("a tensor with offset " + offset + ", size " + Arrays.toString(size)
                    + " and stride " + Arrays.toString(stride));
        }
    }

    /**
     * A storage of a checkpoint.
     *
     * @param type of its elements
     * @param key name of the file that holds them
     */
    record Storage(StorageType type, String key) {}

    /** What {@code torch._utils._rebuild_tensor_v2} is called with. */
    static StoredTensor rebuild(Object[] args) {
        return new StoredTensor(
                (Storage) args[0], ((Number) args[1]).longValue(), longs((Object[]) args[2]), longs((Object[])
                        args[3]));
    }

    private static long[] longs(Object[] tuple) {
        return List.of(tuple).stream()
                .mapToLong(element -> ((Number) element).longValue())
                .toArray();
    }

    /**
     * The tensor itself, of type F32 or, where the storage holds no floating-point numbers, I64.
     *
     * @param bytes the storage's
     * @throws IllegalArgumentException if it reaches beyond the storage
     */
    Tensor read(ByteBuffer bytes) {
        int elements = requireInside(bytes.limit() / storage.type().bytes());
        float[] reals = storage.type().isFloating() ? new float[elements] : null;
        long[] wholes = storage.type().isFloating() ? null : new long[elements];
        long[] index = new long[size.length];
        long at = offset;
        for (int i = 0; i < elements; i++) {
            if (reals != null) {
                reals[i] = storage.type().real(bytes, (int) at);
            } else {
                wholes[i] = storage.type().whole(bytes, (int) at);
            }
            at = advance(index, at);
        }
        return reals != null ? Tensor.of(reals, size) : Tensor.of(wholes, size);
    }

    /** Moves {@code index} to the next element in C order, and {@code at} with it. */
    private long advance(long[] index, long at) {
        long next = at;
        for (int axis = index.length - 1; axis >= 0; axis--) {
            next += stride[axis];
            if (++index[axis] < size[axis]) {
                return next;
            }
            next -= index[axis] * stride[axis];
            index[axis] = 0;
        }
        return next;
    }

    private int requireInside(long stored) {
        try {
            long elements = offset < 0 || offset > stored ? -1 : 1;
            long last = offset;
            for (int axis = 0; axis < size.length; axis++) {
                elements = size[axis] < 0 || stride[axis] < 0 ? -1 : Math.multiplyExact(elements, size[axis]);
                last = Math.addExact(last, Math.multiplyExact(size[axis] - 1, stride[axis]));
            }
            if (elements == 0 || (elements > 0 && elements <= stored && last < stored)) {
                return Math.toIntExact(elements);
            }
        } catch (ArithmeticException e) {
            // Sizes beyond all measure are not inside either.
        }
        throw new IllegalArgumentException("has size " + Arrays.toString(size) + ", stride " + Arrays.toString(stride)
                + " and offset " + offset + ", but its storage has " + stored + " elements");
    }
}
