package io.residua.benchmarks.datapath;

import io.residua.common.process.ParentWatch;
import io.residua.stack.process.Child;
import io.residua.stack.process.Program;
import io.residua.stack.process.Supervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.GroupState;

/** {@link StagesProcess} as a child of this process. */
final class StagesChild implements AutoCloseable {
    static final String NAME = "stages";
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    private final Supervisor supervisor;

    /** Starts it and returns when it has all partitions. */
    StagesChild(Clients clients, String application, Path folder) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-XX:+ExitOnOutOfMemoryError", "-D" + ParentWatch.PROPERTY + "=true"));
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StagesProcess.class.getName()));
        command.addAll(List.of("--bootstrap", clients.bootstrapServers()));
        command.addAll(List.of("--state", stateFolder(folder).toString()));
        Path log = folder.resolve(NAME + ".log");
        supervisor = new Supervisor(folder.resolve("stages-children"), StagesChild::endWith);
        supervisor.start(List.of(new Program(NAME, command, log, () -> isStable(clients, application))), START_TIMEOUT);
    }

    /** Where its state is. */
    static Path stateFolder(Path folder) {
        return folder.resolve("stages-state");
    }

    long processId() {
        return supervisor.processIds().get(NAME);
    }

    /** Stops it in order and returns when it has ended. */
    @Override
    public void close() {
        supervisor.close();
    }

    private static boolean isStable(Clients clients, String application) {
        try (Admin admin = clients.admin()) {
            return admin.describeConsumerGroups(List.of(application))
                            .describedGroups()
                            .get(application)
                            .get(5, TimeUnit.SECONDS)
                            .groupState()
                    == GroupState.STABLE;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void endWith(Child child) {
        System.err.println(
                "stages: their process ended by itself with status " + child.exitStatus() + "; " + child.logTail());
        System.exit(1);
    }
}
