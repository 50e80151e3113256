package io.residua.common.process;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ends this process when its standard input closes. A parent that starts a child with a pipe as its standard input, and
 * with {@code -Dresidua.exit-with-parent=true}, stops the child in order by closing the pipe; the operating system closes
 * it too when the parent is killed, so that a child never outlives its parent.
 */
public final class ParentWatch {
    /** System property that turns the watch on. */
    public static final String PROPERTY = "residua.exit-with-parent";

    /** Environment variable that does the same. */
    public static final String VARIABLE = "RESIDUA_EXIT_WITH_PARENT";

    /** How long shutdown hooks may take once the parent is gone. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private ParentWatch() {}

    /**
     * Starts watching if {@value #PROPERTY} or {@value #VARIABLE} is {@code true}; does nothing otherwise. At the end of
     * standard input shutdown hooks run, for at most 20 seconds, and the process ends with status 0. What arrives on standard
     * input is read and dropped.
     */
    public static void exitWhenStdinCloses() {
        if (Boolean.parseBoolean(System.getProperty(PROPERTY, System.getenv(VARIABLE)))) {
            start("parent-watch", () -> {
                awaitEnd(System.in);
                start("parent-watch-halt", ParentWatch::haltAfterGrace);
                System.exit(0);
            });
        }
    }

    private static void awaitEnd(InputStream in) {
        byte[] dropped = new byte[256];
        try {
            int read;
            do {
                read = in.read(dropped);
            } while (read >= 0);
        } catch (IOException e) {
            // An input that cannot be read has no parent behind it either.
            return;
        }
    }

    private static void haltAfterGrace() {
        try {
            TimeUnit.NANOSECONDS.sleep(GRACE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private static void start(String name, Runnable action) {
        Thread thread = new Thread(action, name);
        thread.setDaemon(true);
        thread.start();
    }
}
