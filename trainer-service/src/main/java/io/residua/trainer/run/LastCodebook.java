package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.RqVae;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The last step of a run: makes the last codebook tell rows apart that share a code, where that is possible. */
final class LastCodebook {
    /** Rows that share their prefix with nobody, of which so many stand for all. */
    private static final int OTHERS = 20_000;
    /** Floats of residuals beyond which they are not kept on the heap. */
    private static final long MOST_FLOATS = 1 << 25;
    /** Colliding rows per entry beyond which moving entries changes too little to be worth its time. */
    private static final int WORTHWHILE = 4;

    private final RqVae model;
    private final Dataset data;
    private final Sweep sweep;
    private final int levels;
    private final int eDim;

    LastCodebook(RqVae model, Dataset data, Sweep sweep) {
        this.model = model;
        this.data = data;
        this.sweep = sweep;
        this.levels = model.config().levels();
        this.eDim = model.config().shape().eDim();
    }

    /**
     * Moves entries of the last codebook, or leaves it when too many rows collide or share a prefix.
     *
     * @param collisionRate of the model as it is
     */
    void separate(double collisionRate, SplittableRandom random) {
        int size = model.config().shape().codebookSizes().get(levels - 1);
        if (size <= WORTHWHILE || collisionRate * data.rows() > (double) WORTHWHILE * size) {
            return;
        }
        Chosen chosen = choose(prefixes(), random);
        if ((long) chosen.rows().length * eDim > MOST_FLOATS) {
            return;
        }
        float[] moved =
                CollisionSeparation.separate(codebook(levels - 1), eDim, residuals(chosen.rows()), chosen.numbers());
        ByteBuffer bytes = ByteBuffer.allocate(moved.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(moved);
        model.weights().set(NetworkConfig.codebook(levels - 1), bytes);
    }

    /** Per row its first L − 1 codes as one number: exact where 64 bits hold it, else a hash. */
    private long[] prefixes() {
        long[] prefixes = new long[data.rows()];
        sweep.each(null, (x, from) -> {
            List<NDArray> nearest = model.nearest(model.encode(x));
            for (int level = 0; level < levels - 1; level++) {
                int size = model.config().shape().codebookSizes().get(level) | 1;
                long[] codes = nearest.get(level).toLongArray();
                for (int i = 0; i < codes.length; i++) {
                    prefixes[from + i] = prefixes[from + i] * size + codes[i];
                }
            }
        });
        return prefixes;
    }

    /**
     * Rows that share a prefix, by prefix, then some of the others.
     *
     * @param numbers per row the number of its prefix, negative for the others
     */
    private record Chosen(int[] rows, int[] numbers) {}

    private static Chosen choose(long[] prefixes, SplittableRandom random) {
        long[] sorted = prefixes.clone();
        Arrays.sort(sorted);
        BitSet sharing = new BitSet(prefixes.length);
        for (int row = 0; row < prefixes.length; row++) {
            sharing.set(row, occursTwice(sorted, prefixes[row]));
        }
        int[] shared = sharing.stream()
                .boxed()
                .sorted(Comparator.comparingLong(row -> prefixes[row]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] others = sample(sharing, prefixes.length, random);
        int[] chosen = Arrays.copyOf(shared, shared.length + others.length);
        System.arraycopy(others, 0, chosen, shared.length, others.length);
        int[] numbers = new int[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            boolean next = i > 0 && i < shared.length && prefixes[chosen[i]] != prefixes[chosen[i - 1]];
            numbers[i] = i >= shared.length ? -1 - i : i == 0 ? 0 : numbers[i - 1] + (next ? 1 : 0);
        }
        return new Chosen(chosen, numbers);
    }

    /** Some rows that are not in {@code sharing}: Vitter's reservoir, algorithm R. */
    private static int[] sample(BitSet sharing, int rows, SplittableRandom random) {
        int[] sample = new int[Math.min(OTHERS, rows - sharing.cardinality())];
        int seen = 0;
        for (int row = sharing.nextClearBit(0); row < rows; row = sharing.nextClearBit(row + 1)) {
            int at = seen < sample.length ? seen : random.nextInt(seen + 1);
            if (at < sample.length) {
                sample[at] = row;
            }
            seen++;
        }
        return sample;
    }

    private static boolean occursTwice(long[] sorted, long prefix) {
        int at = Arrays.binarySearch(sorted, prefix);
        return (at > 0 && sorted[at - 1] == prefix) || (at + 1 < sorted.length && sorted[at + 1] == prefix);
    }

    /** What the levels before the last leave over of some rows, [rows, eDim]. */
    private float[] residuals(int[] rows) {
        float[] residuals = new float[Math.multiplyExact(rows.length, eDim)];
        List<float[]> codebooks =
                IntStream.range(0, levels - 1).mapToObj(this::codebook).toList();
        sweep.each(rows, (x, from) -> {
            NDArray z = model.encode(x);
            List<NDArray> nearest = model.nearest(z);
            float[] latents = z.toFloatArray();
            System.arraycopy(latents, 0, residuals, from * eDim, latents.length);
            for (int level = 0; level < levels - 1; level++) {
                float[] codebook = codebooks.get(level);
                long[] codes = nearest.get(level).toLongArray();
                for (int i = 0; i < latents.length; i++) {
                    residuals[from * eDim + i] -= codebook[(int) codes[i / eDim] * eDim + i % eDim];
                }
            }
        });
        return residuals;
    }

    private float[] codebook(int level) {
        return model.weights().get(NetworkConfig.codebook(level)).toFloatArray();
    }
}
