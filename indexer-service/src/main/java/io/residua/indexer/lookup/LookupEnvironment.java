package io.residua.indexer.lookup;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.rocksdb.Options;

/**
 * What read models need of the process.
 *
 * @param readers makes consumers that read committed records, and fail where an offset does not exist
 * @param tombstoneRetention how long a topic keeps deletions; nothing if it keeps them for ever
 * @param memory sets the memory that the process's stores share
 * @param onSkipped called for each record that is no code
 */
record LookupEnvironment(
        Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> readers,
        Function<String, Optional<Duration>> tombstoneRetention,
        Consumer<Options> memory,
        Runnable onSkipped,
        Clock clock) {}
