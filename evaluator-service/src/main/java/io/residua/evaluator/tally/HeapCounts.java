package io.residua.evaluator.tally;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/** Counts on the heap, for an index that is evaluated at one go. */
public final class HeapCounts implements CountStore {
    private final TreeMap<byte[], Long> numbers = new TreeMap<>(Arrays::compareUnsigned);

    @Override
    public long get(byte[] key) {
        return numbers.getOrDefault(key, 0L);
    }

    @Override
    public void put(byte[] key, long value) {
        if (value == 0) {
            numbers.remove(key);
        } else {
            numbers.put(key, value);
        }
    }

    @Override
    public void range(byte[] from, byte[] to, ObjLongConsumer<byte[]> visitor) {
        for (Map.Entry<byte[], Long> number : numbers.subMap(from, to).entrySet()) {
            visitor.accept(number.getKey(), number.getValue());
        }
    }
}
