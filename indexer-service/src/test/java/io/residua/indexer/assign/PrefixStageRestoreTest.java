package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.wire.Answer;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.PlaceV1;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV1;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/**
 * What the prefix stage does when a transaction is aborted: Kafka Streams restores its stores from what was committed and
 * initialises the same instance again.
 */
class PrefixStageRestoreTest {
    private static final Codebooks CODEBOOKS = StageHarness.CODEBOOKS;

    private final MockProcessorContext<byte[], Answer> context = new MockProcessorContext<>();
    private final KeyValueStore<byte[], PrefixCommand> waiting = store(AssignTopology.WAITING, new PrefixCommandV1());

    @Test
    void anItemWhoseResolutionWasAbortedIsResolvedAgain() {
        // Given
        context.setCurrentSystemTimeMs(0);
        store(AssignTopology.PLACES, new PlaceV1());
        IndexerMeters meters = new IndexerMeters(new SimpleMeterRegistry());
        PrefixStage stage = new PrefixStage(new AssignSettings(
                "v",
                CODEBOOKS,
                0.02,
                Duration.ofMillis(10),
                Duration.ofHours(24),
                position -> Optional.empty(),
                new DeadLetters("dlq", 4_096, meters),
                meters));
        stage.init(context);
        request(stage, "a");
        request(stage, "b");
        resolve();
        int answeredBefore = context.forwarded().size();

        // When
        Request b = requestOf("b");
        waiting.put(concat(Codes.prefixKey(b.codes()), b.itemId()), b);
        context.scheduledPunctuators().clear();
        stage.init(context);
        resolve();

        // Then
        assertThat(answeredBefore).isEqualTo(2);
        assertThat(context.forwarded()).hasSize(3);
        assertThat(waiting.approximateNumEntries()).isZero();
    }

    private void resolve() {
        context.scheduledPunctuators().forEach(p -> p.getPunctuator().punctuate(0));
    }

    private static void request(PrefixStage stage, String item) {
        Request request = requestOf(item);
        stage.process(new Record<>(Codes.prefixKey(request.codes()), request, 0));
    }

    private static Request requestOf(String item) {
        float[] z = {10.9f, 0};
        return new Request(item.getBytes(UTF_8), 1, CODEBOOKS.nearest(z), z);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private <V> KeyValueStore<byte[], V> store(String name, Serde<V> values) {
        KeyValueStore<byte[], V> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), values)
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
        return store;
    }
}
