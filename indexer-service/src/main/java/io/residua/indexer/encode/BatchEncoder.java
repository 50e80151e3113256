package io.residua.indexer.encode;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.embedding.EmbeddingNorm;
import io.residua.common.embedding.Fingerprint;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.inference.OnnxEncoder;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.KeyPartitions;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SourcePosition;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Turns records of {@code item-embeddings} into requests, deletions and dead letters. Each record is judged by itself; the
 * order of the good ones is kept. One instance serves one thread.
 */
final class BatchEncoder {
    /** Reason: the vector is so long that the model's arithmetic overflows. */
    private static final String OUT_OF_RANGE = "out-of-range";

    /** A deletion has no row in the encoder's input. */
    private static final int NO_ROW = -1;

    private static final PrefixCommandV2 REQUESTS = new PrefixCommandV2();
    private static final ItemCommandV2 DELETIONS = new ItemCommandV2();

    private final EncodeModel model;
    private final OnnxEncoder encoder;
    private final GenerationTopics topics;
    private final int partitions;
    private final DeadLetters deadLetters;
    private final IndexerMeters meters;
    private final EncodeCounts counts;
    private final int dim;
    private final int levels;
    private final int eDim;
    private final FloatBuffer input;
    private final List<ConsumerRecord<byte[], byte[]>> accepted = new ArrayList<>();
    private final int[] rowOf;

    /** Sends to {@code topics}, whose internal ones have {@code partitions} partitions. */
    BatchEncoder(
            EncodeModel model, GenerationTopics topics, int partitions, DeadLetters deadLetters, IndexerMeters meters) {
        this.model = model;
        this.encoder = model.encoder();
        this.topics = topics;
        this.partitions = partitions;
        this.deadLetters = deadLetters;
        this.meters = meters;
        this.counts = model.counts();
        this.dim = encoder.shape().dim();
        this.levels = encoder.shape().levels();
        this.eDim = encoder.shape().eDim();
        this.input = encoder.input();
        this.rowOf = new int[encoder.maxRows()];
    }

    /** Encodes {@code records}, in runs of at most the encoder's rows, and hands over what is to be sent, in order. */
    void encode(Iterable<ConsumerRecord<byte[], byte[]>> records, Consumer<ProducerRecord<byte[], byte[]>> out) {
        counts.requireNotExhausted();
        // What a failed run left behind.
        accepted.clear();
        input.clear();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                accept(record);
            } catch (InvalidEmbeddingException e) {
                meters.refused(e.reason());
                if (e.reason().equals(InvalidEmbeddingException.WRONG_DIMENSION)) {
                    counts.refused();
                }
                deadLetters.letter(record, e.reason(), e.getMessage()).ifPresent(out);
            }
            if (accepted.size() == rowOf.length) {
                flush(out);
            }
        }
        flush(out);
    }

    private void accept(ConsumerRecord<byte[], byte[]> record) throws InvalidEmbeddingException {
        ItemIds.require(record.key());
        int row = NO_ROW;
        if (record.value() != null) {
            row = input.position() / dim;
            EmbeddingFormat.decode(record.value(), record.headers(), dim, input);
        }
        rowOf[accepted.size()] = row;
        accepted.add(record);
    }

    private void flush(Consumer<ProducerRecord<byte[], byte[]>> out) {
        int rows = input.position() / dim;
        if (rows > 0) {
            model.share().run(() -> {
                long start = System.nanoTime();
                encoder.run(rows);
                meters.encoded(rows, Duration.ofNanos(System.nanoTime() - start));
            });
        }
        LongBuffer codes = encoder.codes();
        FloatBuffer latents = encoder.latents();
        for (int i = 0; i < accepted.size(); i++) {
            ConsumerRecord<byte[], byte[]> record = accepted.get(i);
            if (rowOf[i] == NO_ROW) {
                out.accept(keyed(topics.grants(), record.key(), DELETIONS.toBytes(new Deleted(position(record)))));
                continue;
            }
            Request request = request(record, rowOf[i], codes, latents);
            if (isFinite(request.z())) {
                counts.accepted();
                out.accept(keyed(topics.requests(), Codes.prefixKey(request.codes()), REQUESTS.toBytes(request)));
            } else {
                meters.refused(OUT_OF_RANGE);
                counts.refused();
                deadLetters
                        .letter(record, OUT_OF_RANGE, "the model's latent of this vector is not finite")
                        .ifPresent(out);
            }
        }
        accepted.clear();
        input.clear();
    }

    private Request request(ConsumerRecord<byte[], byte[]> record, int row, LongBuffer codes, FloatBuffer latents) {
        int[] nearest = new int[levels];
        for (int level = 0; level < levels; level++) {
            nearest[level] = (int) codes.get(row * levels + level);
        }
        float[] z = new float[eDim];
        latents.get(row * eDim, z);
        return new Request(
                record.key(),
                position(record),
                Fingerprint.of(input, row * dim, dim),
                EmbeddingNorm.of(input, row * dim, dim),
                nearest,
                z,
                0);
    }

    private static SourcePosition position(ConsumerRecord<byte[], byte[]> record) {
        return new SourcePosition(record.partition(), record.offset(), record.timestamp());
    }

    private ProducerRecord<byte[], byte[]> keyed(String topic, byte[] key, byte[] value) {
        return new ProducerRecord<>(topic, KeyPartitions.of(key, partitions), key, value);
    }

    private static boolean isFinite(float[] z) {
        float sum = 0;
        for (float x : z) {
            sum += x * 0;
        }
        return sum == 0;
    }
}
