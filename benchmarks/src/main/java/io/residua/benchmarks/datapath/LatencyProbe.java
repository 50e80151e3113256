package io.residua.benchmarks.datapath;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Measures what a single item takes: one is sent, awaited, and the next one is sent {@value #MIN_PAUSE_MILLIS} to
 * {@value #MAX_PAUSE_MILLIS} ms later, so that items neither queue behind each other nor fall into step with a timer.
 */
final class LatencyProbe {
    private static final int MIN_PAUSE_MILLIS = 50;
    private static final int MAX_PAUSE_MILLIS = 100;

    private LatencyProbe() {}

    /**
     * Milliseconds of {@code count} items.
     *
     * @param send sends an item by its number
     * @param await returns once the item's code has been read
     */
    static Quantiles measure(int count, IntConsumer send, IntConsumer await) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(1);
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            send.accept(i);
            await.accept(i);
            millis[i] = (System.nanoTime() - start) / 1e6;
            TimeUnit.MILLISECONDS.sleep(random.nextInt(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS));
        }
        return new Quantiles(millis);
    }
}
