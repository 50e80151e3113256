package io.residua.stack.broker;

import java.util.Map;
import java.util.Map.Entry;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Raises the log levels of the broker's loggers, unless they are configured already. */
final class BrokerLogs {
    /** Held here because a log manager may hold loggers weakly. */
    private static final Map<Logger, Level> LEVELS = Map.of(
            Logger.getLogger("kafka"), Level.WARNING,
            Logger.getLogger("state.change.logger"), Level.WARNING,
            Logger.getLogger("org.apache.kafka"), Level.WARNING,
            // These warn at every normal start and stop.
            Logger.getLogger("org.apache.kafka.controller.QuorumController"), Level.SEVERE,
            Logger.getLogger("org.apache.kafka.clients.NetworkClient"), Level.SEVERE,
            Logger.getLogger("LogFutureTimestampLogger"), Level.SEVERE);

    private BrokerLogs() {}

    static void quieten() {
        for (Entry<Logger, Level> entry : LEVELS.entrySet()) {
            if (entry.getKey().getLevel() == null) {
                entry.getKey().setLevel(entry.getValue());
            }
        }
    }
}
