package io.residua.trainer.job;

import java.util.ArrayList;
import java.util.List;

/** A request to train on its way to its end. Thread-safe. */
final class Job {
    private final Request.Train request;
    private final int partition;
    private final List<Runnable> acknowledgements = new ArrayList<>();
    private Stop stop = Stop.NO;
    private JobProcess process;

    Job(Request.Train request, int partition, Runnable acknowledgement) {
        this.request = request;
        this.partition = partition;
        acknowledgements.add(acknowledgement);
    }

    /** Whether and why a job is to stop. */
    enum Stop {
        NO,
        /** Somebody asked for it: the request ends. */
        CANCELLED,
        /** It is not ours any more, or the service stops: somebody else goes on with it. */
        RELEASED
    }

    Request.Train request() {
        return request;
    }

    int partition() {
        return partition;
    }

    synchronized Stop stopRequested() {
        return stop;
    }

    /** Asks the job to stop, and its process if it has one. The first reason counts. Returns when the process is gone. */
    void stop(Stop reason) {
        JobProcess running;
        synchronized (this) {
            stop = stop == Stop.NO ? reason : stop;
            running = process;
        }
        if (running != null) {
            running.stop();
        }
    }

    /** One more request that is answered by this job's end. */
    synchronized void alsoAcknowledge(Runnable acknowledgement) {
        acknowledgements.add(acknowledgement);
    }

    /** Acknowledges all requests that this job answers. */
    synchronized void acknowledge() {
        acknowledgements.forEach(Runnable::run);
    }

    /** Takes note of the job's process; returns whether it may go on. */
    boolean running(JobProcess started) {
        boolean wanted;
        synchronized (this) {
            process = started;
            wanted = stop == Stop.NO;
        }
        if (!wanted) {
            started.stop();
        }
        return wanted;
    }
}
