package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import java.util.concurrent.TimeUnit;

/** Sends items at a constant rate, from a thread of its own, until it is closed. */
final class BackgroundLoad implements AutoCloseable {
    private final Thread thread;
    private volatile boolean closed;
    private volatile int sent;

    BackgroundLoad(ItemFeed feed, ItemVectors vectors, int itemsPerSecond) {
        thread = new Thread(() -> run(feed, vectors, itemsPerSecond), "background-load");
        thread.start();
    }

    private void run(ItemFeed feed, ItemVectors vectors, int itemsPerSecond) {
        long start = System.nanoTime();
        try {
            for (int number = 0; !closed; number++) {
                long due = start + (long) (number * 1e9 / itemsPerSecond);
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                feed.send(Phase.BACKGROUND, number, vectors);
                sent = number + 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many items it has sent. */
    int sent() {
        return sent;
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
