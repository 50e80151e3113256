package io.residua.evaluator.stream;

import io.residua.evaluator.tally.CodeCount;
import io.residua.evaluator.tally.CountStore;
import io.residua.evaluator.tally.Totals;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Counts in state stores, in the forms of {@link CountFormat}.
 *
 * @param countStore the count of every code
 * @param totalsStore the totals, under one key
 */
record StreamsCounts(KeyValueStore<byte[], byte[]> countStore, KeyValueStore<byte[], byte[]> totalsStore)
        implements CountStore {
    private static final byte[] TOTALS = {0};

    @Override
    public CodeCount get(List<Integer> code) {
        return CountFormat.readCount(countStore.get(CountFormat.writeCode(code)));
    }

    @Override
    public void put(List<Integer> code, CodeCount count) {
        countStore.put(CountFormat.writeCode(code), CountFormat.writeCount(count));
    }

    @Override
    public void forEach(BiConsumer<List<Integer>, CodeCount> visitor) {
        try (KeyValueIterator<byte[], byte[]> all = countStore.all()) {
            while (all.hasNext()) {
                KeyValue<byte[], byte[]> count = all.next();
                visitor.accept(CountFormat.readCode(count.key), CountFormat.readCount(count.value));
            }
        }
    }

    @Override
    public Totals totals() {
        return CountFormat.readTotals(totalsStore.get(TOTALS));
    }

    @Override
    public void putTotals(Totals totals) {
        totalsStore.put(TOTALS, CountFormat.writeTotals(totals));
    }
}
