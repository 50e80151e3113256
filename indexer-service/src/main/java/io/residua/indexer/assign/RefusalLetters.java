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
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
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

    private final ProcessorContext<?, ?> context;
    private final KeyValueStore<byte[], byte[]> rows;
    private final SourceRecords source;
    private final Consumer<ConsumerRecord<byte[], byte[]>> sendLetter;
    private final Map<Bytes, CompletableFuture<Optional<ConsumerRecord<byte[], byte[]>>>> reads = new LinkedHashMap<>();
    private Cancellable check;

    RefusalLetters(
            ProcessorContext<?, ?> context,
            KeyValueStore<byte[], byte[]> rows,
            SourceRecords source,
            Consumer<ConsumerRecord<byte[], byte[]>> sendLetter) {
        this.context = context;
        this.rows = rows;
        this.source = source;
        this.sendLetter = sendLetter;
        try (KeyValueIterator<byte[], byte[]> left = rows.all()) {
            if (left.hasNext()) {
                schedule();
            }
        }
    }

    /** A letter is owed for the embedding at {@code position}. */
    void add(byte[] itemId, SourcePosition position) {
        rows.put(key(position), itemId);
        if (check == null) {
            schedule();
        }
    }

    private void schedule() {
        check = context.schedule(CHECK_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> sendThoseRead());
    }

    private void sendThoseRead() {
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
        if (!more && reads.isEmpty()) {
            check.cancel();
            check = null;
        }
    }

    /** Starts reading for rows that are not being read; true if rows are left. */
    private boolean startReads() {
        List<Bytes> wanted = new ArrayList<>();
        boolean any = false;
        try (KeyValueIterator<byte[], byte[]> left = rows.all()) {
            while (left.hasNext() && wanted.size() + reads.size() < MAX_READS) {
                KeyValue<byte[], byte[]> row = left.next();
                any = true;
                if (!reads.containsKey(Bytes.wrap(row.key))) {
                    wanted.add(Bytes.wrap(row.key));
                }
            }
        }
        wanted.forEach(key -> reads.put(key, source.read(position(key.get()))));
        return any;
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
