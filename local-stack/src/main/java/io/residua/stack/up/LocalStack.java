package io.residua.stack.up;

import io.residua.stack.process.Child;
import io.residua.stack.process.Program;
import io.residua.stack.process.Supervisor;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The broker and the services as children of this process. They are stopped, services first, when the stack is closed
 * or this process ends. If a child ends by itself, this process prints the end of its log and exits.
 */
public final class LocalStack implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private final DataFolder folder;
    private final Programs programs;
    private final Supervisor supervisor;
    private final PrintStream out;

    /**
     * Creates a stack of this repository's programs on free ports of localhost. Starts nothing yet.
     *
     * @param data data folder; may be missing or empty
     * @param optimiseFully whether broker and services use both of the JVM's compilers
     * @param out receives progress messages
     * @throws io.residua.stack.StackException if the folder is not a data folder or is in use
     */
    public static LocalStack on(Path data, boolean optimiseFully, PrintStream out) {
        return new LocalStack(Installation.find(), DataFolder.open(data), 0, optimiseFully, out);
    }

    /** Starts nothing yet. Closing the stack closes the folder. */
    LocalStack(Installation installation, DataFolder folder, int brokerPort, boolean optimiseFully, PrintStream out) {
        this.folder = folder;
        this.out = out;
        this.programs = new Programs(installation, folder, brokerPort, optimiseFully);
        this.supervisor = new Supervisor(folder.children(), LocalStack::endWith);
    }

    /**
     * Starts the broker and the services and returns when all are ready.
     *
     * @param clean whether to empty the data folder first
     *
     * @throws io.residua.stack.StackException if a service is not built or not ready in time
     */
    public void start(boolean clean) {
        programs.requireBuiltServices();
        if (clean) {
            folder.clean();
        }
        startBroker();
        start(programs.services());
    }

    /** Starts the broker alone, and returns when it is ready. */
    public void startBroker() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAtExit, "stop-children"));
        start(List.of(programs.broker()));
    }

    private void start(List<Program> group) {
        long start = System.nanoTime();
        out.printf("starting %s …", group.stream().map(Program::name).collect(Collectors.joining(", ")));
        out.flush();
        supervisor.start(group, START_TIMEOUT);
        out.printf(" ready after %.1f s%n", (System.nanoTime() - start) / 1e9);
    }

    /**
     * Ends one program and returns when it has ended. The others run on.
     *
     * @param forcibly whether to kill it instead of asking it to end
     */
    public void stop(String name, boolean forcibly) {
        supervisor.stop(name, forcibly);
    }

    /**
     * Starts an indexer and returns when it is ready.
     *
     * @param replica {@code indexer}, which must have been stopped, or the name of a replica beside it
     * @param properties configuration beside what every indexer of this stack has
     */
    public void startIndexer(String replica, Map<String, String> properties) {
        supervisor.start(List.of(programs.indexer(replica, properties)), START_TIMEOUT);
    }

    /** The value for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return programs.bootstrapServers();
    }

    /** Process ids by name: {@code broker}, {@code indexer}, {@code evaluator}, {@code trainer}. */
    public Map<String, Long> processIds() {
        return supervisor.processIds();
    }

    /** Root folder of the published models. */
    public Path artifacts() {
        return folder.artifacts();
    }

    /** Base URI of each service by its name. */
    public Map<String, URI> addresses() {
        return programs.addresses();
    }

    /** Whether the children are being stopped. Failures to reach them are expected then. */
    boolean isStopping() {
        return supervisor.isStopping();
    }

    /** Stops all children, waits for their end and releases the data folder. */
    @Override
    public void close() {
        supervisor.close();
        folder.close();
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
