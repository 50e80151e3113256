package io.residua.evaluator.stream;

import io.residua.evaluator.tally.CountStore;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Counts in a state store. */
record StreamsCounts(KeyValueStore<byte[], Long> store) implements CountStore {
    @Override
    public long get(byte[] key) {
        Long value = store.get(key);
        return value == null ? 0 : value;
    }

    @Override
    public void put(byte[] key, long value) {
        store.put(key, value == 0 ? null : value);
    }

    @Override
    public void range(byte[] from, byte[] to, ObjLongConsumer<byte[]> visitor) {
        try (KeyValueIterator<byte[], Long> numbers = store.range(from, to)) {
            while (numbers.hasNext()) {
                KeyValue<byte[], Long> number = numbers.next();
                // A state store's range includes its end. No number lies there: it is only the next kind's first byte.
                visitor.accept(number.key, number.value);
            }
        }
    }
}
