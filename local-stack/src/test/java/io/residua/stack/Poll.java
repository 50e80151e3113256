package io.residua.stack;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what happens in its own time. */
public final class Poll {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(60);

    private Poll() {}

    /** Returns when {@code condition} holds; fails after a minute. */
    public static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within a minute: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
