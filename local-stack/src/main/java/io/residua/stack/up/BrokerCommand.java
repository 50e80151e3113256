package io.residua.stack.up;

import io.residua.common.process.ParentWatch;
import io.residua.stack.StackException;
import io.residua.stack.broker.LocalBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jboss.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a broker until the process is stopped. */
@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description = "Run an Apache Kafka broker on localhost, and nothing else.")
public final class BrokerCommand implements Callable<Integer> {
    private static final Logger LOG = Logger.getLogger(BrokerCommand.class);

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Folder that holds the broker's data.")
    private Path data;

    @Option(
            names = "--port",
            defaultValue = "9092",
            paramLabel = "PORT",
            description = "Port to listen on, 0 for any that is free (default: ${DEFAULT-VALUE}).")
    private int port;

    @Override
    public Integer call() throws InterruptedException {
        ParentWatch.exitWhenStdinCloses();
        try {
            LocalBroker broker = LocalBroker.start(data, port);
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-close"));
            LOG.infof("broker started bootstrap.servers=%s data=%s", broker.bootstrapServers(), data);
        } catch (IOException e) {
            throw new StackException(e.getMessage(), e);
        }
        new CountDownLatch(1).await();
        return 0;
    }
}
