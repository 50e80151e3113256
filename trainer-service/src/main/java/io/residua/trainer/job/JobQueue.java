package io.residua.trainer.job;

import io.residua.trainer.job.Job.Stop;
import io.residua.trainer.metrics.TrainerMeters;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/** The jobs of this replica in the order their requests came, run one at a time. Thread-safe. */
@ApplicationScoped
public class JobQueue {
    private static final Logger LOG = Logger.getLogger(JobQueue.class);
    private static final long RETRY_SECONDS = 2;

    private final JobRunner runner;
    private final TrainerMeters meters;
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final Set<Integer> owned = new HashSet<>();
    private final Thread thread = new Thread(this::work, "jobs");
    private Job running;
    private boolean closed;

    JobQueue(JobRunner runner, TrainerMeters meters) {
        this.runner = runner;
        this.meters = meters;
    }

    void start() {
        thread.start();
    }

    /** These partitions are ours from now on. */
    synchronized void own(Set<Integer> partitions) {
        owned.addAll(partitions);
    }

    /** Whether a partition is ours. */
    synchronized boolean owns(int partition) {
        return owned.contains(partition);
    }

    /** Adds a job at the end, unless its partition is not ours any more: then its new owner runs it. */
    synchronized void add(Job job) {
        if (!owns(job.partition())) {
            LOG.infof("job left to its new owner request=%s", job.request().requestId());
            return;
        }
        waiting.add(job);
        meters.waiting(waiting.size());
        notifyAll();
    }

    /** The id of the request whose job is running. */
    public synchronized Optional<String> runningRequest() {
        return Optional.ofNullable(running).map(job -> job.request().requestId());
    }

    /** How many jobs wait. */
    public synchronized int waitingJobs() {
        return waiting.size();
    }

    /** Whether jobs can still be run. */
    public boolean alive() {
        return thread.isAlive();
    }

    /** The running job of a request; it stays where it is. */
    synchronized Optional<Job> running(String requestId) {
        return Optional.ofNullable(running)
                .filter(job -> job.request().requestId().equals(requestId));
    }

    /** Takes a job that has not begun out of the queue. */
    synchronized Optional<Job> withdraw(String requestId) {
        Optional<Job> found = waiting.stream()
                .filter(job -> job.request().requestId().equals(requestId))
                .findFirst();
        found.ifPresent(waiting::remove);
        meters.waiting(waiting.size());
        return found;
    }

    /** Lets go of all jobs of these partitions. Returns when none of them has a process any more. */
    void release(Set<Integer> partitions) {
        Job current;
        synchronized (this) {
            owned.removeAll(partitions);
            waiting.removeIf(job -> partitions.contains(job.partition()));
            meters.waiting(waiting.size());
            current = running;
        }
        if (current != null && partitions.contains(current.partition())) {
            LOG.infof("job released request=%s", current.request().requestId());
            current.stop(Stop.RELEASED);
        }
    }

    /** Lets go of all jobs and ends. */
    void close() throws InterruptedException {
        Job current;
        synchronized (this) {
            closed = true;
            waiting.clear();
            current = running;
            notifyAll();
        }
        if (current != null) {
            current.stop(Stop.RELEASED);
        }
        thread.join(TimeUnit.SECONDS.toMillis(20));
    }

    private void work() {
        try {
            for (Job job = next(); job != null; job = next()) {
                meters.running(true);
                runUntilEnded(job);
                meters.running(false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Job next() throws InterruptedException {
        running = null;
        while (waiting.isEmpty() && !closed) {
            wait();
        }
        running = closed ? null : waiting.remove();
        meters.waiting(waiting.size());
        return running;
    }

    /** Broker, folder or store may be away for a while: the job goes on when they are back. */
    private void runUntilEnded(Job job) throws InterruptedException {
        while (job.stopRequested() != Stop.RELEASED) {
            try {
                if (runner.run(job)) {
                    job.acknowledge();
                }
                return;
            } catch (IOException | UncheckedIOException | KafkaException e) {
                LOG.errorf(
                        e,
                        "job interrupted, trying again request=%s",
                        job.request().requestId());
                TimeUnit.SECONDS.sleep(RETRY_SECONDS);
            } catch (RuntimeException e) {
                // Not acknowledged: it is taken up again after a restart. Until then the others go on.
                LOG.errorf(
                        e,
                        "job not ended, going on without it request=%s",
                        job.request().requestId());
                return;
            }
        }
    }
}
