package io.residua.trainer.cli;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Says when a training process should stop: a job's process runs with {@value #ENVIRONMENT}{@code =1} and stops when its
 * standard input closes, which also happens when its parent dies, however that comes about.
 */
public final class Cancellation {
    /** Environment variable that makes a process a job's. */
    public static final String ENVIRONMENT = "RESIDUA_TRAINING_JOB";

    private static final AtomicBoolean REQUESTED = new AtomicBoolean();

    private Cancellation() {}

    static BooleanSupplier requested() {
        if ("1".equals(System.getenv(ENVIRONMENT))) {
            Thread watch = new Thread(Cancellation::awaitEndOfInput, "parent-watch");
            watch.setDaemon(true);
            watch.start();
        }
        return REQUESTED::get;
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Whatever the parent says means nothing; that it is there does.
                continue;
            }
        } catch (IOException e) {
            // A broken pipe is as closed as a closed one.
        }
        REQUESTED.set(true);
    }
}
