package io.residua.indexer.assign;

import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Dead letters of refused items. A letter carries the embedding as it came, which is in the source topic alone, and a
 * stream thread never waits for a read: a refusal writes a row, another thread reads the source record, and once it is
 * there a punctuation forwards the letter and deletes the row in one transaction. A process that dies in between finds
 * the row again. A record that compaction has removed needs no letter: the item's newer record is judged by itself.
 */
final class RefusalLetters {
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(100);
    /** Maximum number of source records read at a time: they are held in memory. */
    private static final int MAX_READS = 64;

    private static final byte[] FIRST_KEY = key(new SourcePosition(0, 0, 0));
    private static final byte[] LAST_KEY = key(new SourcePosition(Integer.MAX_VALUE, Long.MAX_VALUE, 0));

    private final KeyValueStore<byte[], byte[]> rows;
    private final SourceRecords source;
    private final Consumer<ConsumerRecord<byte[], byte[]>> sendLetter;
    private final OnDemandPunctuation check;
    private final Map<Bytes, CompletableFuture<Optional<ConsumerRecord<byte[], byte[]>>>> reads = new LinkedHashMap<>();
    /** First row of the next scan. Rows before it whose read failed are retried after the last row. */
    private byte[] next = FIRST_KEY;

    RefusalLetters(
            ProcessorContext<?, ?> context,
            KeyValueStore<byte[], byte[]> rows,
            SourceRecords source,
            Consumer<ConsumerRecord<byte[], byte[]>> sendLetter) {
        this.rows = rows;
        this.source = source;
        this.sendLetter = sendLetter;
        this.check = new OnDemandPunctuation(context, now -> forwardCompleted());
        try (KeyValueIterator<byte[], byte[]> left = rows.all()) {
            if (left.hasNext()) {
                check.schedule(CHECK_INTERVAL);
            }
        }
    }

    /** Stores a row: the embedding at {@code position} needs a dead letter. */
    void add(byte[] itemId, SourcePosition position) {
        rows.put(key(position), itemId);
        check.schedule(CHECK_INTERVAL);
    }

    /** Stops sending letters. */
    void close() {
        check.cancel();
    }

    private void forwardCompleted() {
        for (Bytes key : List.copyOf(reads.keySet())) {
            CompletableFuture<Optional<ConsumerRecord<byte[], byte[]>>> read = reads.get(key);
            if (read.isDone()) {
                reads.remove(key);
                if (!read.isCompletedExceptionally()) {
                    read.join().ifPresent(sendLetter);
                    rows.delete(key.get());
                }
            }
        }
        boolean more = startReads();
        if (more || !reads.isEmpty()) {
            check.schedule(CHECK_INTERVAL);
        }
    }

    /** Starts reading for the next rows, from the first one again after the last; true if rows are left. */
    private boolean startReads() {
        boolean fromTheFirst = next == FIRST_KEY;
        List<Bytes> wanted = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> left = rows.range(next, LAST_KEY)) {
            while (left.hasNext() && wanted.size() + reads.size() < MAX_READS) {
                Bytes key = Bytes.wrap(left.next().key);
                if (!reads.containsKey(key)) {
                    wanted.add(key);
                }
            }
            next = left.hasNext() && !wanted.isEmpty()
                    ? wanted.get(wanted.size() - 1).get()
                    : FIRST_KEY;
        }
        wanted.forEach(key -> reads.put(key, source.read(position(key.get()))));
        return !fromTheFirst || !wanted.isEmpty();
    }

    private static byte[] key(SourcePosition position) {
        return ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(position.partition())
                .putLong(position.offset())
                .array();
    }

    private static SourcePosition position(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key);
        return new SourcePosition(in.getInt(), in.getLong(), 0);
    }
}
