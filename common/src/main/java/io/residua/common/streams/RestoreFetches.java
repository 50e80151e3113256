package io.residua.common.streams;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Lets stores open without waiting for each other. The restore consumer reads all changelogs of a stream thread over one
 * connection, and a broker answers the requests of a connection one after the other. While a fetch waits there for
 * records, which by default takes 500 ms, a store that opens gets no answer about its own changelog.
 */
public final class RestoreFetches {
    private static final int MAX_WAIT_MILLIS = 20;

    private RestoreFetches() {}

    /** Adds to the settings of a Kafka Streams application that fetches of changelogs wait for 20 ms at most. */
    public static void limitWait(Map<String, Object> settings) {
        settings.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), MAX_WAIT_MILLIS);
    }
}
