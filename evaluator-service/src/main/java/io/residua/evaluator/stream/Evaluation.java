package io.residua.evaluator.stream;

import java.util.Set;

/** One generation's evaluation while it runs. */
public interface Evaluation extends AutoCloseable {
    /** Whether everything is restored and being worked on. */
    boolean isRunning();

    /** Whether it has given up. */
    boolean isFailed();

    /** Its state, for people. */
    String state();

    /** Its consumer group, which is also what its internal topics begin with. */
    String applicationId();

    /** The exact names of its internal topics. The application id alone does not tell them: another's may begin with it. */
    Set<String> internalTopics();

    /** Ends it; another start goes on where this one stopped. */
    @Override
    void close();

    /** Ends it for good: leaves the group at once and removes the local state. */
    void retire();
}
