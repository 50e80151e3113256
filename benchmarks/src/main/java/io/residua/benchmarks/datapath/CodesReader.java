package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.stack.StackException;
import java.time.Duration;
import java.util.BitSet;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Reads the committed codes of a run's items as they come, from the topic's present end on. Used by one thread. */
final class CodesReader implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);
    private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(1);
    private static final Duration RESTART_GIVE_UP_AFTER = Duration.ofMinutes(5);

    private final KafkaConsumer<byte[], byte[]> reader;
    private final ItemNames names;

    CodesReader(Clients clients, String topic, ItemNames names) {
        this.reader = clients.reader(topic);
        this.names = names;
        reader.seekToEnd(reader.assignment());
        reader.assignment().forEach(reader::position);
    }

    /**
     * Waits for the codes of the items 0 to {@code count} − 1 of a phase.
     *
     * @param arrived told each item of the phase when it is read for the first time
     * @return how many have none: none of them came for a minute
     */
    int await(Phase phase, int count, IntConsumer arrived) {
        return await(phase, count, false, GIVE_UP_AFTER, arrived);
    }

    /** Waits for the codes of items that were sent while an indexer restarts: for five minutes, if none of them comes. */
    int awaitAfterRestart(Phase phase, int count) {
        return await(phase, count, false, RESTART_GIVE_UP_AFTER, number -> {});
    }

    /** Waits for the items' tombstones likewise. */
    int awaitDeletions(Phase phase, int count) {
        return await(phase, count, true, GIVE_UP_AFTER, number -> {});
    }

    private int await(Phase phase, int count, boolean deleted, Duration giveUpAfter, IntConsumer arrived) {
        BitSet seen = new BitSet(count);
        int missing = count;
        long news = System.nanoTime();
        while (missing > 0) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_TIMEOUT)) {
                int number = names.number(phase, record.key());
                if (number >= 0 && (record.value() == null) == deleted && !seen.get(number)) {
                    seen.set(number);
                    missing--;
                    news = System.nanoTime();
                    arrived.accept(number);
                }
            }
            if (System.nanoTime() - news > giveUpAfter.toNanos()) {
                return missing;
            }
        }
        return 0;
    }

    /** Returns once the code of one item has been read. */
    void awaitOne(Phase phase, int number) {
        long deadline = System.nanoTime() + GIVE_UP_AFTER.toNanos();
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_TIMEOUT)) {
                if (names.number(phase, record.key()) == number && record.value() != null) {
                    return;
                }
            }
        }
        throw new StackException("a single item got no code in " + GIVE_UP_AFTER.toSeconds()
                + " s; does the indexer run, and what is in item-embeddings-dlq?");
    }

    @Override
    public void close() {
        reader.close();
    }
}
