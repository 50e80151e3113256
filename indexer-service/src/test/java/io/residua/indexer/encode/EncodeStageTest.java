package io.residua.indexer.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.device.Device;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.ModelManifest;
import io.residua.common.inference.OnnxEncoder;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.model.TinyModel;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeStageTest {
    private static final TinyModel MODEL = new TinyModel(2, 2, new float[][] {{-10, 0, 10, 0}, {-1, 0, 0, 0, 1, 0}});
    private static final GenerationTopics TOPICS =
            new GenerationTopics("app", "item-embeddings", "dlq", "requests", "grants", "counts", "codes");

    @TempDir
    private Path folder;

    private final MemorySource source = new MemorySource();
    private final FakeOffsets offsets = new FakeOffsets();
    private final MockProducer<byte[], byte[]> producer = producer();
    private final MockProducer<byte[], byte[]> letterProducer = producer();
    private final IndexerMeters meters = new IndexerMeters(new SimpleMeterRegistry());
    private final EncodeCounts counts = new EncodeCounts(1_000);
    private final EncoderBudget budget = new EncoderBudget(1);
    private final AtomicLong nanoTime = new AtomicLong();
    private EncodeStage stage;

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @BeforeEach
    void start() throws IOException {
        OnnxEncoder encoder =
                OnnxEncoder.open(MODEL.write(folder).get(ModelManifest.ENCODER), MODEL.shape(), new Device.Cpu(), 1, 4);
        DeadLetters deadLetters = new DeadLetters("dlq", 1 << 20, meters);
        EncodeModel model = new EncodeModel(encoder, budget.share(), counts);
        stage = new EncodeStage(
                "encode",
                new EncodeStage.Parts(
                        source,
                        new RequestBacklog(offsets, TOPICS, 2),
                        new BatchEncoder(model, TOPICS, 2, deadLetters, meters),
                        new BatchSender(producer, letterProducer, deadLetters),
                        new EncodeHealth(nanoTime::get),
                        encoder));
    }

    @AfterEach
    void close() {
        if (stage != null) {
            stage.close();
        }
        assertThat(producer.closed()).isTrue();
        assertThat(letterProducer.closed()).isTrue();
    }

    @Test
    void eachRecordIsJudgedByItselfAndGoesWhereItBelongs() {
        // Given
        source.add("good", raw(9.1f));
        source.add("short", new byte[5]);
        source.add("deleted", null);
        source.add("good", raw(-9));

        // When
        source.deliver(4);
        await(() -> producer.history().size() == 3 && letterProducer.history().size() == 1);

        // Then
        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        assertThat(((Request) new PrefixCommandV2().fromBytes(sent.get(0).value())).codes())
                .containsExactly(1, 0);
        assertThat(sent.get(1).topic()).isEqualTo("grants");
        assertThat(((Deleted) new ItemCommandV2().fromBytes(sent.get(1).value()))
                        .position()
                        .offset())
                .isEqualTo(2);
        assertThat(((Request) new PrefixCommandV2().fromBytes(sent.get(2).value())).codes())
                .containsExactly(0, 2);
        assertThat(new String(letterProducer.history().get(0).key(), UTF_8)).isEqualTo("short");
        assertThat(counts.acceptedCount()).isEqualTo(2);
        assertThat(counts.refusedCount()).isEqualTo(1);
    }

    @Test
    void batchIsAcknowledgedOnlyWhenTheBrokerHasAllThatWasMadeOfIt() {
        // Given
        source.add("good", raw(9));
        source.add("short", new byte[5]);
        source.deliver(2);
        await(() -> letterProducer.history().size() == 1);

        // When
        await(producer::completeNext);
        long withoutTheLetter = source.acknowledged();
        letterProducer.completeNext();

        // Then
        assertThat(withoutTheLetter).isZero();
        await(() -> source.acknowledged() == 2);
    }

    @Test
    void afterAFailureEncodingGoesOnFromTheLastAcknowledgedBatch() {
        // Given
        source.add("first", raw(9));
        source.deliver(1);
        await(producer::completeNext);
        await(() -> source.acknowledged() == 1);
        source.add("second", raw(-9));
        source.deliver(1);

        // When
        await(() -> producer.errorNext(new NotEnoughReplicasException("one replica left")));
        await(() -> source.opened() == 2);
        var whileFailing = stage.trouble();
        source.deliver(1);
        await(producer::completeNext);

        // Then
        assertThat(whileFailing).hasValueSatisfying(cause -> assertThat(cause).contains("one replica left"));
        await(() -> source.acknowledged() == 2);
        assertThat(producer.history().stream()
                        .map(record -> ((Request) new PrefixCommandV2().fromBytes(record.value())))
                        .map(request -> request.position().offset()))
                .containsExactly(0L, 1L, 1L);
        await(() -> stage.trouble().isEmpty());
    }

    @Test
    void failureThatIsOverIsNoTroubleThoughNothingCameSince() {
        // Given
        source.fail(new IllegalStateException("fenced"));
        await(() -> source.opened() == 2);
        assertThat(stage.trouble()).isPresent();

        // When
        nanoTime.addAndGet(EncodeHealth.RECOVERED_AFTER.plusSeconds(1).toNanos());

        // Then
        assertThat(stage.trouble()).isEmpty();
        assertThat(stage.failure()).isEmpty();
    }

    @Test
    void consumerThatDoesNotReachItsBrokerIsTrouble() {
        // When
        source.silence = Duration.ofSeconds(16);

        // Then
        assertThat(stage.trouble()).contains("the consumer has not reached its broker for 16 s");
    }

    @Test
    void batchThatIsNotConfirmedIsTrouble() {
        // Given
        source.add("good", raw(9));
        source.deliver(1);
        await(() -> producer.history().size() == 1);

        // When
        nanoTime.addAndGet(Duration.ofSeconds(20).toNanos());

        // Then
        assertThat(stage.trouble()).contains("the broker has not confirmed a batch for 20 s");
        producer.completeNext();
        await(() -> stage.trouble().isEmpty());
    }

    @Test
    void letterThatTheTopicNoLongerTakesIsSentInItsNextForm() {
        // Given
        source.add("short", new byte[5]);
        source.deliver(1);

        // When
        await(() -> letterProducer.errorNext(new RecordTooLargeException("the topic takes less now")));
        await(() -> letterProducer.history().size() == 2);
        letterProducer.completeNext();

        // Then
        await(() -> source.acknowledged() == 1);
        assertThat(letterProducer.history().get(1).value()).isEmpty();
        assertThat(source.opened()).isEqualTo(1);
    }

    @Test
    void encodingPausesUntilRequestsAreConsumed() {
        // Given
        offsets.ends(RequestBacklog.MAX_UNCONSUMED + 1, 0);
        for (int i = 0; i < RequestBacklog.CHECK_EVERY; i++) {
            source.add("item-" + i, null);
        }
        source.deliver(RequestBacklog.CHECK_EVERY);

        // When
        await(() -> offsets.asked > 3);
        int sentWhileFull = producer.history().size();
        offsets.consumed(0, 1);

        // Then
        assertThat(sentWhileFull).isZero();
        await(() -> producer.history().size() == RequestBacklog.CHECK_EVERY);
    }

    @Test
    void batchThatWaitsForTheBudgetIsNoTrouble() {
        // Given
        source.add("good", raw(9));

        // When
        budget.share().run(() -> {
            source.deliver(1);
            awaitWaitingStage();
            nanoTime.addAndGet(Duration.ofSeconds(20).toNanos());

            // Then
            assertThat(stage.trouble()).isEmpty();
        });
        await(producer::completeNext);
        await(() -> source.acknowledged() == 1);
    }

    @Test
    void stageThatWaitsForTheBudgetIsClosedWhileAnotherEncoderRuns() {
        // Given
        source.add("good", raw(9));

        // When
        budget.share().run(() -> {
            source.deliver(1);
            awaitWaitingStage();
            stage.close();
            stage = null;
        });

        // Then
        assertThat(producer.history()).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("encode"));
    }

    private static void awaitWaitingStage() {
        await(() -> Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("encode"))
                .flatMap(thread -> Stream.of(thread.getValue()))
                .anyMatch(frame -> frame.getClassName().equals(EncoderBudget.class.getName())));
    }

    private static byte[] raw(float x) {
        return EmbeddingFormat.encodeRaw(new float[] {x, 0});
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not within 30 s").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
