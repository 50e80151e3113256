package io.residua.stack.up;

import io.residua.stack.process.Child;
import io.residua.stack.process.Program;
import io.residua.stack.process.Supervisor;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The broker and the services as children of this process. They are stopped, services first, when it is closed and when
 * this process ends by whatever cause; when one of them ends by itself, so does this process, after showing that one's log.
 */
final class LocalStack implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private final DataFolder folder;
    private final Programs programs;
    private final Supervisor supervisor;
    private final PrintStream out;

    /** Nothing runs yet. */
    LocalStack(Installation installation, DataFolder folder, int brokerPort, boolean optimiseFully, PrintStream out) {
        this.folder = folder;
        this.out = out;
        this.programs = new Programs(installation, folder, brokerPort, optimiseFully);
        this.supervisor = new Supervisor(folder.children(), LocalStack::endWith);
    }

    /** Starts everything, on an emptied data folder if {@code clean}, and returns when it is ready. */
    void start(boolean clean) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAtExit, "stop-children"));
        if (clean) {
            folder.clean();
        }
        start(List.of(programs.broker()));
        start(programs.services());
    }

    private void start(List<Program> group) {
        long start = System.nanoTime();
        out.printf("starting %s …", group.stream().map(Program::name).collect(Collectors.joining(", ")));
        out.flush();
        supervisor.start(group, START_TIMEOUT);
        out.printf(" ready after %.1f s%n", (System.nanoTime() - start) / 1e9);
    }

    String bootstrapServers() {
        return programs.bootstrapServers();
    }

    /** Where each service answers HTTP, by its name. */
    Map<String, URI> addresses() {
        return programs.addresses();
    }

    /** Whether the children are being stopped, so that failing to talk to them means nothing. */
    boolean isStopping() {
        return supervisor.isStopping();
    }

    /** Stops all children and returns when none is left. */
    @Override
    public void close() {
        supervisor.close();
    }

    private void stopAtExit() {
        if (!supervisor.isStopping()) {
            out.println();
            out.println("stopping");
        }
        supervisor.close();
    }

    private static void endWith(Child child) {
        System.err.println();
        System.err.println("residua: " + child.name() + " ended by itself with status " + child.exitStatus() + "; "
                + child.logTail());
        System.exit(1);
    }
}
