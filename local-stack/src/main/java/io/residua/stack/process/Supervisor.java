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
 * Owns child processes. Children start in groups; groups stop in reverse order. A child that does not stop within a
 * grace period is killed. The first child that ends by itself is reported to a callback, which decides whether to stop
 * the others. Thread-safe.
 */
public final class Supervisor implements AutoCloseable {
    private static final long GRACE_SECONDS = 20;

    private final OrphanedProcesses orphans;
    private final Consumer<Child> whenOneEnds;
    private final Deque<List<Child>> groups = new ArrayDeque<>();
    private boolean stopping;

    /**
     * Waits for the children that a killed supervisor has left.
     *
     * @param record file that lists the running children
     * @param whenOneEnds called once, on a new thread, when a child has ended without being stopped
     */
    public Supervisor(Path record, Consumer<Child> whenOneEnds) {
        this.orphans = new OrphanedProcesses(record);
        this.whenOneEnds = whenOneEnds;
        orphans.awaitEnd(Duration.ofSeconds(GRACE_SECONDS));
    }

    /**
     * Starts {@code programs} together and returns when all are ready.
     *
     * @throws StackException with the last lines of its log, if a program is not ready within {@code timeout}
     */
    public void start(List<Program> programs, Duration timeout) {
        List<Child> started = startAll(programs);
        long deadline = System.nanoTime() + timeout.toNanos();
        for (Child child : started) {
            while (!child.isReady()) {
                if (System.nanoTime() > deadline) {
                    throw new StackException(
                            child.name() + " was not ready within " + timeout.toSeconds() + " s; " + child.logTail());
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
            orphans.record(groups);
            child.whenEnded(() -> ended(child));
        }
        return started;
    }

    /**
     * Ends one child and returns when it has ended. The others run on. Its program may be started again.
     *
     * @param forcibly whether to kill it instead of asking it to end
     * @throws StackException if no child has this name
     */
    public void stop(String name, boolean forcibly) {
        Child child = remove(name);
        if (forcibly) {
            child.kill();
        } else {
            child.askToEnd();
        }
        child.awaitEnd(GRACE_SECONDS);
    }

    private synchronized Child remove(String name) {
        for (List<Child> group : groups) {
            for (Child child : group) {
                if (child.name().equals(name)) {
                    group.remove(child);
                    return child;
                }
            }
        }
        throw new StackException("no child is called " + name);
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
                orphans.clear();
                return;
            }
            group.forEach(Child::askToEnd);
            group.forEach(child -> child.awaitEnd(GRACE_SECONDS));
        }
    }

    private void ended(Child child) {
        synchronized (this) {
            if (stopping || groups.stream().noneMatch(group -> group.contains(child))) {
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
