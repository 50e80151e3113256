package io.residua.stack.broker;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** What makes a Kafka node a good single one: nothing is replicated, and nothing waits for others to come. */
final class BrokerSettings {
    static final int NODE_ID = 1;
    static final String CONTROLLER = "CONTROLLER";
    static final String BROKER = "BROKER";

    /** Batches of raw embeddings of a few thousand dimensions must fit. */
    private static final String MAX_MESSAGE_BYTES = Integer.toString(8 << 20);

    private static final Map<String, String> FIXED = Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("node.id", Integer.toString(NODE_ID)),
            Map.entry("listener.security.protocol.map", BROKER + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT"),
            Map.entry("controller.listener.names", CONTROLLER),
            Map.entry("inter.broker.listener.name", BROKER),
            Map.entry("auto.create.topics.enable", "false"),
            Map.entry("default.replication.factor", "1"),
            Map.entry("min.insync.replicas", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "8"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "8"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.num.partitions", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            // A transaction left by a process that died holds back read_committed readers until this scan sees it.
            Map.entry("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
            // How long the broker itself waits before it looks again whether the transaction before is complete: with
            // its
            // defaults of 20 to 100 ms a small pipeline stalls at nearly every commit.
            Map.entry("add.partitions.to.txn.retry.backoff.ms", "2"),
            Map.entry("add.partitions.to.txn.retry.backoff.max.ms", "10"),
            Map.entry("message.max.bytes", MAX_MESSAGE_BYTES),
            Map.entry("replica.fetch.max.bytes", MAX_MESSAGE_BYTES),
            // One machine, shared with everything else: few threads and a small buffer for compaction.
            Map.entry("num.network.threads", "2"),
            Map.entry("num.io.threads", "4"),
            Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20)));

    private BrokerSettings() {}

    /** Settings of a node that keeps its data in {@code data} and listens on two ports of {@code host}. */
    static Properties of(Path data, String host, int port, int controllerPort) {
        Properties settings = new Properties();
        settings.putAll(FIXED);
        settings.put("log.dirs", data.toString());
        settings.put(
                "listeners",
                BROKER + "://" + host + ":" + port + "," + CONTROLLER + "://" + host + ":" + controllerPort);
        settings.put("controller.quorum.voters", NODE_ID + "@" + host + ":" + controllerPort);
        return settings;
    }
}
