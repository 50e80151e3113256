package io.residua.common.process;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Ends this process when its standard input closes. A parent that starts a child with a pipe as its standard input, and
 * with {@code -Dresidua.exit-with-parent=true}, stops the child cleanly by closing the pipe. The operating system also
 * closes the pipe when the parent is killed, so a child never outlives its parent.
 */
public final class ParentWatch {
    /** System property that enables the watch. */
    public static final String PROPERTY = "residua.exit-with-parent";

    /** Environment variable that does the same. */
    public static final String VARIABLE = "RESIDUA_EXIT_WITH_PARENT";

    /** Time limit of the shutdown hooks after the parent has ended. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private ParentWatch() {}

    /**
     * Starts watching if {@value #PROPERTY} or {@value #VARIABLE} is {@code true}; does nothing otherwise. At the end
     * of standard input shutdown hooks run, for at most 20 seconds, and the process ends with status 0. What arrives on
     * standard input is read and dropped.
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
            // If standard input cannot be read, the parent has ended as well.
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
