package io.residua.trainer.run;

import io.residua.trainer.model.Randomness;
import java.util.SplittableRandom;

/**
 * The order in which an epoch visits the rows: blocks of neighbouring rows in random order, and random order within each
 * block, so that a file larger than memory is read nearly in sequence. Data of at most a block is shuffled as a whole.
 */
final class EpochOrder {
    /** Rows per block. */
    static final int BLOCK = 1 << 16;

    private EpochOrder() {}

    static int[] of(int rows, SplittableRandom random) {
        return of(rows, BLOCK, random);
    }

    static int[] of(int rows, int block, SplittableRandom random) {
        int[] order = new int[rows];
        int position = 0;
        for (int b : Randomness.permutation((rows + block - 1) / block, random)) {
            int start = b * block;
            for (int i : Randomness.permutation(Math.min(block, rows - start), random)) {
                order[position++] = start + i;
            }
        }
        return order;
    }
}
