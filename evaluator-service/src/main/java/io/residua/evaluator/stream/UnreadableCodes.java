package io.residua.evaluator.stream;

/** Counts records of codes topics that are no codes of their model. */
@FunctionalInterface
public interface UnreadableCodes {
    /** Counts one more; returns how many there have been in this process. */
    long count(String modelVersion);
}
