package io.residua.indexer.generation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Bounds how often failed threads are replaced within a time: what fails again and again does not heal by itself. */
final class ThreadReplacement {
    private static final int MAX_REPLACEMENTS = 10;
    private static final Duration WINDOW = Duration.ofMinutes(5);

    private final Deque<Long> recent = new ArrayDeque<>();

    /** Whether a thread that failed at {@code now}, in the time of {@link System#nanoTime}, may be replaced. */
    synchronized boolean isAllowed(long now) {
        while (!recent.isEmpty() && now - recent.peek() > WINDOW.toNanos()) {
            recent.poll();
        }
        recent.add(now);
        return recent.size() <= MAX_REPLACEMENTS;
    }
}
