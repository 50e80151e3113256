package io.residua.indexer.encode;

import org.apache.kafka.common.errors.InterruptException;

/**
 * Bounds how many encoders of this process run at the same time, whatever number of generations there is. Generations
 * whose index is ready go first: a generation that is being built runs only while none of them waits. So a batch of a ready
 * generation waits at most until one run that has begun is over.
 */
public final class EncoderBudget {
    private final int maxRuns;
    private int runs;
    private int readyWaiting;

    /** Lets {@code maxRuns} encoders run at a time. */
    public EncoderBudget(int maxRuns) {
        this.maxRuns = maxRuns;
    }

    /** What one generation may use of the budget. */
    public Share share() {
        return new Share(this);
    }

    private synchronized void begin(boolean ready) {
        readyWaiting += ready ? 1 : 0;
        try {
            while (runs >= maxRuns || (!ready && readyWaiting > 0)) {
                wait();
            }
            runs++;
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } finally {
            readyWaiting -= ready ? 1 : 0;
            notifyAll();
        }
    }

    private synchronized void end() {
        runs--;
        notifyAll();
    }

    /** One generation's part of the budget, used by its encoding thread. */
    public static final class Share {
        private final EncoderBudget budget;
        private volatile boolean ready;

        private Share(EncoderBudget budget) {
            this.budget = budget;
        }

        /** The generation's index is ready: from now on its runs go first. */
        void setReady() {
            ready = true;
        }

        /** Does {@code run} as soon as the budget allows it. */
        void run(Runnable run) {
            budget.begin(ready);
            try {
                run.run();
            } finally {
                budget.end();
            }
        }
    }
}
