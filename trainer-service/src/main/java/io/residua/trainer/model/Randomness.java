package io.residua.trainer.model;

import java.util.SplittableRandom;

/**
 * Every random choice of a training run as a function of the run's seed, what the choice is for, and where in the run it
 * is made. Nothing draws from a generator that runs on, so a resumed run makes the choices the uninterrupted one would.
 */
public final class Randomness {
    private final long seed;

    public Randomness(long seed) {
        this.seed = seed;
    }

    /** What choices are made for. */
    public enum Purpose {
        WEIGHTS,
        SAMPLE,
        KMEANS,
        SHUFFLE,
        DROPOUT,
        RESEED,
        CHECK
    }

    /** The seed of the choices made for {@code purpose} at a step of an epoch. */
    public long seed(Purpose purpose, long epoch, long step) {
        long mixed = mix(seed + 0x9E3779B97F4A7C15L * (purpose.ordinal() + 1));
        mixed = mix(mixed ^ (epoch * 0xC2B2AE3D27D4EB4FL));
        return mix(mixed ^ (step * 0x165667B19E3779F9L));
    }

    /** A new generator for these choices. */
    public SplittableRandom at(Purpose purpose, long epoch, long step) {
        return new SplittableRandom(seed(purpose, epoch, step));
    }

    /** A permutation of 0 to {@code n} − 1 (Fisher and Yates). */
    public static int[] permutation(int n, SplittableRandom random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The finaliser of splitmix64: every input bit changes every output bit with probability one half. */
    private static long mix(long x) {
        long y = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
        return y ^ (y >>> 31);
    }
}
