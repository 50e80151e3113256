package io.residua.stack.process;

import io.residua.stack.StackException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Owns child processes. They start in groups and are stopped group by group in reverse, each in order within a grace time
 * and by force after it. The first child that ends by itself is reported; stopping the others is up to whoever is told.
 * Thread-safe.
 */
public final class Supervisor implements AutoCloseable {
    private static final long GRACE_SECONDS = 20;

    private final Leftovers leftovers;
    private final Consumer<Child> whenOneEnds;
    private final Deque<List<Child>> groups = new ArrayDeque<>();
    private boolean stopping;

    /**
     * Owns no children yet.
     *
     * @param record file that lists the running children, so that the next supervisor can wait for those that a killed one
     *     left behind
     * @param whenOneEnds told once, on a thread of its own, when a child has ended that nobody stopped
     */
    public Supervisor(Path record, Consumer<Child> whenOneEnds) {
        this.leftovers = new Leftovers(record);
        this.whenOneEnds = whenOneEnds;
        leftovers.awaitEnd(Duration.ofSeconds(GRACE_SECONDS));
    }

    /**
     * Starts {@code programs} together and returns when all are ready.
     *
     * @throws StackException with the end of its log, if one is not ready within {@code patience}
     */
    public void start(List<Program> programs, Duration patience) {
        List<Child> started = startAll(programs);
        long deadline = System.nanoTime() + patience.toNanos();
        for (Child child : started) {
            while (!child.isReady()) {
                if (System.nanoTime() > deadline) {
                    throw new StackException(
                            child.name() + " was not ready within " + patience.toSeconds() + " s; " + child.logTail());
                }
                pause();
            }
        }
    }

    private synchronized List<Child> startAll(List<Program> programs) {
        if (stopping) {
            throw new StackException("stopping");
        }
        List<Child> started = new ArrayList<>();
        groups.push(started);
        for (Program program : programs) {
            Child child = Child.start(program);
            started.add(child);
            leftovers.record(groups);
            child.whenEnded(() -> ended(child));
        }
        return started;
    }

    /** The process id of every child by its name. */
    public synchronized Map<String, Long> processIds() {
        return groups.stream().flatMap(List::stream).collect(Collectors.toMap(Child::name, child -> child.process()
                .pid()));
    }

    /** Whether the children are being stopped, or have been. */
    public synchronized boolean isStopping() {
        return stopping;
    }

    /** Stops all children and returns when none is left. */
    @Override
    public void close() {
        synchronized (this) {
            stopping = true;
        }
        while (true) {
            List<Child> group;
            synchronized (this) {
                group = groups.poll();
            }
            if (group == null) {
                leftovers.clear();
                return;
            }
            group.forEach(Child::askToEnd);
            group.forEach(child -> child.awaitEnd(GRACE_SECONDS));
        }
    }

    private void ended(Child child) {
        synchronized (this) {
            if (stopping) {
                return;
            }
            stopping = true;
        }
        whenOneEnds.accept(child);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted while children were starting", e);
        }
    }
}
