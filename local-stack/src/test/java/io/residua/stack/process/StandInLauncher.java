package io.residua.stack.process;

import io.residua.common.process.ParentWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Stands in for the launcher: supervises stand-ins {@code a}, then {@code b} and {@code c}, in the folder it is given. */
final class StandInLauncher {
    private StandInLauncher() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Supervisor supervisor = new Supervisor(folder.resolve("children"), child -> {
            System.out.println(child.name() + " died with " + child.exitStatus() + "; " + child.logTail());
            System.exit(1);
        });
        Runtime.getRuntime().addShutdownHook(new Thread(supervisor::close));
        supervisor.start(List.of(standIn(folder, "a")), Duration.ofSeconds(60));
        supervisor.start(List.of(standIn(folder, "b"), standIn(folder, "c")), Duration.ofSeconds(60));
        Files.createFile(folder.resolve("all-ready"));
        new CountDownLatch(1).await();
    }

    static Program standIn(Path folder, String name) {
        Path ready = folder.resolve(name + ".pid");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-D" + ParentWatch.PROPERTY + "=true",
                "-cp",
                System.getProperty("java.class.path"),
                StandIn.class.getName(),
                ready.toString());
        return new Program(name, command, folder.resolve(name + ".log"), () -> Files.exists(ready));
    }
}
