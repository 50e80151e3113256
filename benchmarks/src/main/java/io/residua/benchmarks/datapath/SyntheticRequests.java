package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.KeyPartitions;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SourcePosition;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Requests as the encode stage sends them, for items that no model has seen: an item's latent is the sum of one random
 * entry per level and a little noise. Each is made from its number when it is asked for. Thread-safe.
 */
final class SyntheticRequests {
    private static final int LEVELS = 4;
    private static final int ENTRIES = 256;
    private static final int E_DIM = 32;
    private static final int COPIES = 50;
    /** Each level is so much finer than the one before that the entries a latent is made of are its nearest ones. */
    private static final double REFINEMENT = 0.25;

    private static final double NOISE = 1e-4;
    private static final PrefixCommandV2 FORMAT = new PrefixCommandV2();

    private final float[][] entries = entries();
    private final ItemNames names;
    private final ItemMode mode;
    private final int items;

    /**
     * Requests of one run.
     *
     * @param mode copies: {@value #COPIES} items have each nearest code; distinct: hardly two have the same
     * @param items how many items a phase has
     */
    SyntheticRequests(ItemNames names, ItemMode mode, int items) {
        this.names = names;
        this.mode = mode;
        this.items = items;
    }

    /** What the stages quantise with. */
    static Codebooks codebooks() {
        return Codebooks.of(E_DIM, entries());
    }

    /** The request for an item, which is told apart by its phase and number. */
    Request request(Phase phase, int number) {
        int groups = mode == ItemMode.COPIES ? Math.max(1, items / COPIES) : Integer.MAX_VALUE;
        SplittableRandom group = new SplittableRandom(((long) phase.ordinal() << 32) + number % groups);
        SplittableRandom own = new SplittableRandom(~(((long) phase.ordinal() << 32) + number));
        int[] codes = new int[LEVELS];
        float[] z = new float[E_DIM];
        for (int level = 0; level < LEVELS; level++) {
            codes[level] = group.nextInt(ENTRIES);
            for (int d = 0; d < E_DIM; d++) {
                z[d] += entries[level][codes[level] * E_DIM + d];
            }
        }
        for (int d = 0; d < E_DIM; d++) {
            z[d] += (float) (NOISE * own.nextGaussian());
        }
        byte[] key = names.key(phase, number);
        int partition = KeyPartitions.of(key, StagesTopics.PARTITIONS);
        // No two requests of a run have the same offset.
        long offset = ((long) phase.ordinal() << 32) + number;
        SourcePosition position = new SourcePosition(partition, offset, System.currentTimeMillis());
        return new Request(key, position, own.nextLong(), 1, codes, z, 0);
    }

    /** The same as a record of {@code topic}. */
    ProducerRecord<byte[], byte[]> record(String topic, Phase phase, int number) {
        Request request = request(phase, number);
        byte[] key = Codes.prefixKey(request.codes());
        int partition = KeyPartitions.of(key, StagesTopics.PARTITIONS);
        return new ProducerRecord<>(topic, partition, key, FORMAT.toBytes(request));
    }

    private static float[][] entries() {
        SplittableRandom random = new SplittableRandom(1);
        float[][] entries = new float[LEVELS][ENTRIES * E_DIM];
        double scale = 1;
        for (float[] level : entries) {
            for (int i = 0; i < level.length; i++) {
                level[i] = (float) (scale * random.nextGaussian());
            }
            scale *= REFINEMENT;
        }
        return entries;
    }
}
