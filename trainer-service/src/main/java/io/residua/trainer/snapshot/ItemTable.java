package io.residua.trainer.snapshot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Numbers items by their keys in the order they are first seen, and remembers each item's newest source position. An item
 * takes 38 bytes of the table, filled to between 35 and 70 %, whatever its key: keys are told apart by 128 bits of their
 * SHA-256, which no two keys are known to share.
 */
final class ItemTable {
    private static final int NONE = -1;
    private static final double MAX_LOAD = 0.7;

    private final MessageDigest digest = sha256();
    private long[] high = new long[1 << 10];
    private long[] low = new long[1 << 10];
    private int[] numbers = filled(1 << 10);
    private long[] timestamps = new long[1 << 9];
    private long[] offsets = new long[1 << 9];
    private short[] partitions = new short[1 << 9];
    private int size;

    /** Items seen so far. */
    int size() {
        return size;
    }

    /** The number of the item with that key, from 0; {@code −1 − n} if it is new and gets number {@code n}. */
    int number(byte[] key) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(key)).order(ByteOrder.BIG_ENDIAN);
        long h = hash.getLong();
        long l = hash.getLong();
        int slot = slot(h, l);
        if (numbers[slot] != NONE) {
            return numbers[slot];
        }
        if (size + 1 > MAX_LOAD * numbers.length) {
            grow();
            slot = slot(h, l);
        }
        high[slot] = h;
        low[slot] = l;
        numbers[slot] = size;
        size++;
        return -size;
    }

    /**
     * Takes note of a record of an item, unless a newer one is known: of one partition the higher offset is newer, of two
     * the later timestamp, then the higher partition.
     *
     * @return whether it is the newest so far
     */
    boolean advance(int item, int partition, long offset, long timestamp) {
        if (item >= timestamps.length) {
            timestamps = Arrays.copyOf(timestamps, 2 * item);
            offsets = Arrays.copyOf(offsets, 2 * item);
            partitions = Arrays.copyOf(partitions, 2 * item);
        }
        boolean known = offsets[item] > 0;
        if (known && !newer(item, partition, offset + 1, timestamp)) {
            return false;
        }
        partitions[item] = (short) partition;
        offsets[item] = offset + 1;
        timestamps[item] = timestamp;
        return true;
    }

    private boolean newer(int item, int partition, long offset, long timestamp) {
        if (partitions[item] == (short) partition) {
            return offset > offsets[item];
        }
        return timestamp != timestamps[item]
                ? timestamp > timestamps[item]
                : partition > Short.toUnsignedInt(partitions[item]);
    }

    private int slot(long h, long l) {
        int mask = numbers.length - 1;
        int slot = (int) h & mask;
        while (numbers[slot] != NONE && (high[slot] != h || low[slot] != l)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldHigh = high;
        long[] oldLow = low;
        int[] oldNumbers = numbers;
        high = new long[2 * oldHigh.length];
        low = new long[2 * oldLow.length];
        numbers = filled(2 * oldNumbers.length);
        for (int i = 0; i < oldNumbers.length; i++) {
            if (oldNumbers[i] != NONE) {
                int slot = slot(oldHigh[i], oldLow[i]);
                high[slot] = oldHigh[i];
                low[slot] = oldLow[i];
                numbers[slot] = oldNumbers[i];
            }
        }
    }

    private static int[] filled(int length) {
        int[] numbers = new int[length];
        Arrays.fill(numbers, NONE);
        return numbers;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
