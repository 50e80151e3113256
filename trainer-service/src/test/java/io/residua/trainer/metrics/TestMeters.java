package io.residua.trainer.metrics;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Meters that nobody reads. */
public final class TestMeters {
    private TestMeters() {}

    /** New ones. */
    public static TrainerMeters create() {
        return new TrainerMeters(new SimpleMeterRegistry());
    }
}
