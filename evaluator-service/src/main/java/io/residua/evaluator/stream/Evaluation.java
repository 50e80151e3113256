package io.residua.evaluator.stream;

import java.util.Set;

/** The running evaluation of one generation. */
public interface Evaluation extends AutoCloseable {
    /** Whether all state is restored and records are being processed. */
    boolean isRunning();

    /** Whether it has stopped after repeated failures. */
    boolean isFailed();

    /** Its state, for messages. */
    String state();

    /** Its consumer group, which is also the prefix of its internal topics. */
    String applicationId();

    /**
     * The exact names of its internal topics. The prefix does not suffice, because another application id may begin
     * with it.
     */
    Set<String> internalTopics();

    /** Stops it. The next start continues from here. */
    @Override
    void close();

    /** Stops it for good: leaves the group immediately and deletes the local state. */
    void retire();
}
