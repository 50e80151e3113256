package io.residua.indexer.verify;

import java.util.Arrays;
import org.apache.kafka.common.utils.Utils;

/** Numbers distinct byte strings from 0 on. Keeps their bytes one after another, so that millions of them fit. */
final class KeyIndex {
    private static final int FREE = -1;

    private byte[] bytes = new byte[1 << 12];
    private final IntColumn ends = new IntColumn(0);
    private int[] slots = freeSlots(1 << 8);

    /** How many distinct keys there are. */
    int size() {
        return ends.size();
    }

    /** The number of {@code key}, a new one if it is new. */
    int add(byte[] key) {
        int slot = slot(key);
        if (slots[slot] != FREE) {
            return slots[slot];
        }
        int number = ends.size();
        int start = start(number);
        int end = Math.addExact(start, key.length);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(end, 2L * bytes.length)));
        }
        System.arraycopy(key, 0, bytes, start, key.length);
        ends.add(end);
        slots[slot] = number;
        if (2 * ends.size() > slots.length) {
            rehash();
        }
        return number;
    }

    /** The number of {@code key}, −1 if it was never added. */
    int find(byte[] key) {
        return slots[slot(key)];
    }

    /** The key with a number. */
    byte[] get(int number) {
        return Arrays.copyOfRange(bytes, start(number), ends.get(number));
    }

    private int start(int number) {
        return number == 0 ? 0 : ends.get(number - 1);
    }

    /** Where the key is, or would be. */
    private int slot(byte[] key) {
        int mask = slots.length - 1;
        int slot = Utils.murmur2(key) & mask;
        while (slots[slot] != FREE && !isAt(slots[slot], key)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean isAt(int number, byte[] key) {
        return Arrays.equals(bytes, start(number), ends.get(number), key, 0, key.length);
    }

    private void rehash() {
        slots = freeSlots(2 * slots.length);
        for (int number = 0; number < ends.size(); number++) {
            slots[slot(get(number))] = number;
        }
    }

    private static int[] freeSlots(int count) {
        int[] slots = new int[count];
        Arrays.fill(slots, FREE);
        return slots;
    }
}
