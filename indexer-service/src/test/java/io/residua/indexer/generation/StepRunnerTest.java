package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.State;
import io.residua.common.event.Json;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class StepRunnerTest {
    private static final RefusedException DELETED = RefusedException.forAll("topic item-codes-v1 was deleted");

    private boolean isBrokerAway;
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                @Override
                public synchronized Future<RecordMetadata> send(
                        ProducerRecord<byte[], byte[]> record, Callback callback) {
                    if (!isBrokerAway) {
                        return super.send(record, callback);
                    }
                    TimeoutException failure = new TimeoutException("no answer");
                    if (callback != null) {
                        callback.onCompletion(null, failure);
                    }
                    return CompletableFuture.failedFuture(failure);
                }
            };
    private final MovableClock clock = new MovableClock();
    private final StatusTopic status = new StatusTopic("index-status", producer, clock);
    private Runnable onRead = () -> {};
    private final StepRunner runner =
            new StepRunner(status, () -> onRead.run(), GenerationSamples.topicsConfig(Map.of()), clock);

    @Test
    void refusalIsWrittenFromTheStatusAsItIsNow() {
        // Given
        IndexStatus known = GenerationSamples.ready("v1");
        onRead = () -> status.onRecord("v1", known);

        // When
        refuse();

        // Then
        assertThat(published().state()).isEqualTo(State.REFUSED);
        assertThat(published().identity()).isEqualTo(known.identity());
    }

    @Test
    void refusalIsNotWrittenWhileTheStatusCannotBeReadButLater() {
        // Given
        onRead = () -> {
            throw new TimeoutException("reading took too long");
        };

        // When
        refuse();
        int whileAway = producer.history().size();
        boolean blocked = runner.blocked().contains("v1");
        onRead = () -> {};
        clock.advance(Duration.ofMinutes(1));
        refuse();

        // Then
        assertThat(whileAway).isZero();
        assertThat(blocked).isTrue();
        assertThat(published().reason()).isEqualTo(DELETED.getMessage());
    }

    @Test
    void refusalForTheSameReasonIsWrittenOnce() {
        // When
        refuse();
        clock.advance(Duration.ofMinutes(1));
        refuse();

        // Then
        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void refusalThatTheBrokerDoesNotTakeIsWrittenLater() {
        // Given
        isBrokerAway = true;
        refuse();
        isBrokerAway = false;

        // When
        clock.advance(Duration.ofMinutes(1));
        refuse();

        // Then
        assertThat(published().reason()).isEqualTo(DELETED.getMessage());
    }

    private void refuse() {
        runner.attempt("v1", "Verify", () -> {
            throw DELETED;
        });
    }

    private IndexStatus published() {
        return Json.read(producer.history().get(producer.history().size() - 1).value(), IndexStatus.class);
    }
}
