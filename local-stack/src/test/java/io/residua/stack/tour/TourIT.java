package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.TrainingRequest;
import io.residua.stack.Poll;
import io.residua.stack.StackException;
import io.residua.stack.broker.LocalBroker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour on a real broker, with stand-ins for the services. */
@Tag("long")
class TourIT {
    private static final int DIM = 8;
    private static final int ITEMS = 60;

    @TempDir
    Path data;

    private LocalBroker broker;
    private FakeServices services;

    @BeforeEach
    void start() throws Exception {
        broker = LocalBroker.start(data, 0);
        services = new FakeServices(broker.bootstrapServers(), DIM);
    }

    @AfterEach
    void stop() throws Exception {
        services.close();
        broker.close();
    }

    @Test
    void firstTourTrainsAndCodesAndTheSecondAddsNothing() throws Exception {
        // When
        Visit first = tour();
        Visit second = tour();

        // Then
        assertThat(first.failure).isEmpty();
        assertThat(first.output)
                .contains("48 embeddings of 8 dimensions sent to item-embeddings", "12 held back")
                .containsPattern("epoch 4/4")
                .containsPattern("model tour-[0-9a-f]{12}-1 published")
                .contains("48 items got codes within")
                .contains("12 new items sent one by one; from embedding to code: median")
                .containsPattern("<a_\\d> also: item \\d+")
                .contains("Of the 12 new items, 100.0 % have the first token of their nearest neighbour")
                .contains("items 60, distinct codes 60");
        assertThat(second.failure).isEmpty();
        assertThat(second.output)
                .contains("is the newest and takes such embeddings; nothing to train")
                .contains("48 items have their codes already")
                .contains("12 new items sent again; they have codes already")
                .containsPattern("item-codes-tour-[0-9a-f]{12}-1 +60 +60")
                .containsPattern("models +1 +1");
    }

    @Test
    void codeThatIsWrittenAgainIsNoticed() throws Exception {
        // Given
        tour();
        services.repeatCodes = true;

        // When
        Visit again = tour();

        // Then
        assertThat(again.failure).hasValueSatisfying(reason -> assertThat(reason)
                .matches(
                        "topic item-codes-tour-[0-9a-f]{12}-1 had 60 records and now has 120, though nothing was new"));
    }

    @Test
    void itemThatWasDeletedMeanwhileGetsACodeAgain() throws Exception {
        // Given
        tour();
        delete("id-3");

        // When
        Visit again = tour();

        // Then
        assertThat(again.failure).isEmpty();
        assertThat(again.output)
                .contains("1 items got codes")
                .containsPattern("item-codes-tour-[0-9a-f]{12}-1 +61 +62");
    }

    @Test
    void failedTrainingIsReportedAndAskedForAnewNextTime() throws Exception {
        // Given
        services.failTraining = true;
        assertThatThrownBy(this::tour)
                .isInstanceOf(StackException.class)
                .hasMessageMatching("training tour-[0-9a-f]{12}-1 ended as failed: no space left on device");
        services.failTraining = false;

        // When
        Visit next = tour();

        // Then
        assertThat(next.failure).isEmpty();
        assertThat(next.output).containsPattern("model tour-[0-9a-f]{12}-2 published");
    }

    @Test
    void modelThatReplacedTheToursIsTaken() throws Exception {
        // Given
        tour();
        train("other");

        // When
        Visit next = tour();

        // Then
        assertThat(next.failure).isEmpty();
        assertThat(next.output)
                .contains("model other is the newest and takes such embeddings; nothing to train")
                .containsPattern("item-codes-other +\\d+ +60")
                .containsPattern("models +2 +2");
    }

    @Test
    void modelOfOtherDimensionsIsReplacedByANewOne() throws Exception {
        // Given
        tour();
        services.modelDim = DIM / 2;
        train("other");
        services.modelDim = DIM;

        // When
        Visit next = tour();

        // Then
        assertThat(next.failure).isEmpty();
        assertThat(next.output)
                .containsPattern("model tour-[0-9a-f]{12}-2 published")
                .containsPattern("models +2 +3");
    }

    private record Visit(Optional<String> failure, String output) {}

    private Visit tour() throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Optional<String> failure = new Tour(sample(), broker.bootstrapServers(), out).run();
        return new Visit(failure, bytes.toString(StandardCharsets.UTF_8));
    }

    /** Has a model trained by request, as anyone may, and returns when it is published. */
    private void train(String id) throws Exception {
        Clients clients = new Clients(broker.bootstrapServers());
        TrainingRequest request = TrainingRequest.fromSnapshot(Map.of(), "new season");
        Set<String> published = new HashSet<>();
        try (Producer<byte[], byte[]> producer = clients.producer();
                TopicReader models = new TopicReader(clients, "models")) {
            producer.send(CloudEvents.record("training-requests", id, request, "/test"))
                    .get();
            Poll.until("model " + id + " is published", () -> {
                models.readToEnd(record -> published.add(new String(record.key(), StandardCharsets.UTF_8)));
                return published.contains(id);
            });
        }
    }

    private void delete(String item) throws Exception {
        Clients clients = new Clients(broker.bootstrapServers());
        try (Admin admin = clients.admin();
                Producer<byte[], byte[]> producer = clients.producer()) {
            producer.send(new ProducerRecord<>("item-embeddings", item.getBytes(StandardCharsets.UTF_8), null))
                    .get();
            String topic = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith("item-codes-"))
                    .findFirst()
                    .orElseThrow();
            try (Codes codes = new Codes(clients, topic)) {
                Poll.until("the code is gone", () -> {
                    codes.readToEnd();
                    return codes.of(item).isEmpty();
                });
            }
        }
    }

    /** Items around the eight axes, a little off. */
    private static Sample sample() {
        Random random = new Random(42);
        List<Sample.Item> items = new ArrayList<>();
        float[] vectors = new float[ITEMS * DIM];
        for (int item = 0; item < ITEMS; item++) {
            items.add(new Sample.Item("id-" + item, "item " + item, "an item"));
            for (int i = 0; i < DIM; i++) {
                vectors[item * DIM + i] = (float) (0.1 * random.nextGaussian()) + (i == item % DIM ? 1 : 0);
            }
        }
        return new Sample(items, vectors, DIM, "5a".repeat(32));
    }
}
