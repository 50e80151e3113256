package io.residua.stack.process;

import io.residua.common.process.ParentWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Stands in for a service: says that it is ready by writing its process id to a file, and that it was stopped in order by
 * a line in its log. With {@code --die} it says why and dies when that file's name with {@code .die} behind appears.
 */
final class StandIn {
    private StandIn() {}

    public static void main(String[] args) throws Exception {
        ParentWatch.exitWhenStdinCloses();
        Path ready = Path.of(args[0]);
        Path die = Path.of(args[0] + ".die");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("stopped in order")));
        Files.writeString(ready, Long.toString(ProcessHandle.current().pid()));
        while (!Files.exists(die)) {
            new CountDownLatch(1).await(50, java.util.concurrent.TimeUnit.MILLISECONDS);
        }
        System.out.println("something terrible happened");
        Runtime.getRuntime().halt(3);
    }
}
