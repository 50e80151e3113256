package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.HeldCodeV2;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the prefix stage does when a transaction is aborted: Kafka Streams restores its stores from what was committed and
 * initialises the same instance again.
 */
class PrefixStageRestoreTest {
    private final MockProcessorContext<byte[], Object> context = new MockProcessorContext<>();
    private final KeyValueStore<byte[], PrefixCommand> waiting = store(AssignTopology.WAITING, new PrefixCommandV2());
    private final KeyValueStore<byte[], HeldCode> held = store(AssignTopology.HELD_CODES, new HeldCodeV2());
    private final PrefixStage stage = new PrefixStage(new AssignSettings(
            "v",
            StageHarness.CODEBOOKS,
            1,
            0.02,
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofHours(24),
            () -> SourceFloor.NONE,
            position -> CompletableFuture.completedFuture(Optional.empty()),
            null,
            new IndexerMeters(new SimpleMeterRegistry())));

    @BeforeEach
    void start() {
        context.setCurrentSystemTimeMs(0);
        stage.init(context);
    }

    @Test
    void anItemWhoseResolutionWasAbortedIsResolvedAgain() {
        // Given
        request("a", 0);
        request("b", 1);
        List<KeyValue<byte[], PrefixCommand>> committed = rows(waiting);
        resolve();
        int answeredBefore = grants().size();

        // When
        committed.forEach(row -> waiting.put(row.key, row.value));
        restart();
        resolve();

        // Then
        assertThat(answeredBefore).isEqualTo(2);
        assertThat(grants()).hasSize(3);
        assertThat(context.scheduledPunctuators())
                .allSatisfy(punctuator -> assertThat(punctuator.cancelled()).isTrue());
        assertThat(rows(waiting)).isEmpty();
    }

    @Test
    void noClaimOfACommittedTransactionIsIssuedAgainAfterAnAbortedOne() {
        // Given
        Set<Long> claims = new HashSet<>();
        request("a", 0);
        List<KeyValue<byte[], HeldCode>> committed = rows(held);
        for (int i = 1; i <= HeldCodes.CLAIM_BLOCK; i++) {
            request("a", i);
        }
        long aborted = grants().get(HeldCodes.CLAIM_BLOCK).claim();
        context.resetForwards();

        // When
        rows(held).forEach(row -> held.delete(row.key));
        committed.forEach(row -> held.put(row.key, row.value));
        restart();
        for (int i = 1; i <= 2 * HeldCodes.CLAIM_BLOCK; i++) {
            request("a", i);
        }
        restart();
        request("a", 3 * HeldCodes.CLAIM_BLOCK);

        // Then
        grants().forEach(grant -> claims.add(grant.claim()));
        assertThat(claims).hasSameSizeAs(grants());
        assertThat(aborted).isGreaterThan(HeldCodes.CLAIM_BLOCK);
        assertThat(grants()).allSatisfy(grant -> assertThat(grant.claim()).isGreaterThan(1));
    }

    /** As Kafka Streams does it: what was scheduled and not cancelled goes on. */
    private void restart() {
        stage.init(context);
    }

    private void resolve() {
        List.copyOf(context.scheduledPunctuators()).stream()
                .filter(punctuator -> !punctuator.cancelled())
                .forEach(punctuator -> punctuator.getPunctuator().punctuate(0));
    }

    private List<Grant> grants() {
        return context.forwarded().stream()
                .map(forward ->
                        new ItemCommandV2().fromBytes((byte[]) forward.record().value()))
                .map(Grant.class::cast)
                .toList();
    }

    private void request(String item, long offset) {
        Request request = (Request) StageHarness.request(item, offset, 10.9f);
        stage.process(new Record<>(Codes.prefixKey(request.codes()), new PrefixCommandV2().toBytes(request), 0));
    }

    private static <V> List<KeyValue<byte[], V>> rows(KeyValueStore<byte[], V> store) {
        List<KeyValue<byte[], V>> rows = new ArrayList<>();
        try (KeyValueIterator<byte[], V> all = store.all()) {
            all.forEachRemaining(rows::add);
        }
        return rows;
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
