package io.residua.trainer.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.Json;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.trainer.metrics.TestMeters;
import io.residua.trainer.metrics.TrainerMeters;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests as large as Kafka takes them, and events that Kafka does not take. */
class LargeRequestTest {
    private static final int REQUEST_BYTES = 1_000_000;
    private static final int MAX_EVENT_BYTES = 32 << 10;

    @TempDir
    Path root;

    private final MemoryKafka kafka = new MemoryKafka("training-events");
    private final TrainerMeters meters = TestMeters.create();
    private final JobQueue jobs = new JobQueue(null, meters);
    private RequestHandler handler;

    @AfterEach
    void close() {
        handler.close();
    }

    static Stream<Arguments> largeRequests() {
        String digits = "0".repeat(REQUEST_BYTES) + "1";
        return Stream.of(
                Arguments.of(
                        "option-like elements", parameters("\"layers\":[" + many(i -> "\"--x\"") + "]"), "elements"),
                Arguments.of("numbers", parameters("\"layers\":[" + many(i -> "1") + "]"), "elements"),
                Arguments.of("long number", parameters("\"lr\":\"" + digits + "\""), "200 characters"),
                Arguments.of("long word", parameters("\"learner\":\"" + "a".repeat(REQUEST_BYTES) + "\""), "200 char"),
                Arguments.of(
                        "long text", parameters("\"learner\":\"" + "- ".repeat(REQUEST_BYTES / 2) + "\""), "1000000"),
                Arguments.of("long Chinese text", parameters("\"lr\":\"" + "长".repeat(REQUEST_BYTES / 3) + "\""), "lr"),
                Arguments.of("object", parameters("\"layers\":{" + many(i -> "\"" + i + "\":1") + "}"), "layers"),
                Arguments.of("parameters", parameters(many(i -> "\"p" + i + "\":\"--x\"")), "parameters"),
                Arguments.of("long names", parameters(few(i -> "\"" + "n".repeat(40_000) + i + "\":\"--x\"")), "nnn…"),
                Arguments.of(
                        "long unknown names", parameters(few(i -> "\"" + "n".repeat(40_000) + i + "\":1")), "nnn…"),
                Arguments.of(
                        "control characters",
                        parameters(few(i -> "\"" + "\\u0001".repeat(6000) + i + "\":1")),
                        "more reasons"),
                Arguments.of("action", "{\"action\":\"" + "a".repeat(REQUEST_BYTES) + "\"}", "TrainingRequest"),
                Arguments.of("no JSON", "x".repeat(REQUEST_BYTES), "TrainingRequest"),
                Arguments.of(
                        "path",
                        "{\"data\":{\"source\":\"npy\",\"path\":\"" + "a".repeat(REQUEST_BYTES) + "\"}}",
                        "no such file"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("largeRequests")
    void largeRequestGetsASmallAnswer(String kind, String json, String expected) throws Exception {
        // Given
        Request request = Request.read("r".getBytes(UTF_8), json.getBytes(UTF_8), "fallback", Optional.of(root));

        // When
        answer(request);

        // Then
        TrainingEvent rejected = onlyEvent();
        assertThat(rejected.type()).isEqualTo(Type.REJECTED);
        assertThat(rejected.reasons()).hasSizeBetween(1, 20);
        assertThat(String.join(" ", rejected.reasons())).as(kind).contains(expected);
        assertThat(Json.write(rejected)).hasSizeLessThan(MAX_EVENT_BYTES);
    }

    @Test
    void textThatIsNoUnicodeIsAnswered() throws Exception {
        // Given
        String json = parameters("\"learner\":\"-\\ud83d\",\"lr\":\"" + "-".repeat(199) + "\\ud83d\\ude00\"");
        Request request = Request.read("r".getBytes(UTF_8), json.getBytes(UTF_8), "fallback", Optional.of(root));

        // When
        answer(request);

        // Then
        assertThat(onlyEvent().reasons())
                .containsExactly(
                        "parameter 'learner' is -\ufffd, expected a number, a boolean, a word or a list of these",
                        "parameter 'lr' is " + "-".repeat(199)
                                + "\ufffd… (201 characters), expected a number, a boolean,"
                                + " a word or a list of these");
    }

    @Test
    void answerThatKafkaTakesForTooLargeBecomesAShortOne() throws Exception {
        // Given
        kafka.refuseRecordsOver(400);

        // When
        answer(new Request.Invalid("r", List.of("a".repeat(500))));

        // Then
        TrainingEvent rejected = onlyEvent();
        assertThat(rejected.type()).isEqualTo(Type.REJECTED);
        assertThat(rejected.reasons()).containsExactly("too large to say why");
    }

    @Test
    void requestThatNoAnswerFitsDoesNotBlockItsPartition() throws Exception {
        // Given
        kafka.refuseRecordsOver(10);

        // When
        answer(new Request.Invalid("r", List.of("wrong")));

        // Then
        assertThat(kafka.events("training-events", TrainingEvent.class)).isEmpty();
    }

    /** Hands a request to the handler; returns when it is acknowledged. */
    private void answer(Request request) throws InterruptedException {
        CountDownLatch acknowledged = new CountDownLatch(1);
        handler =
                new RequestHandler(new EventLog(kafka, TestConfig.topics(), new TestConfig(root), meters), jobs, null);
        jobs.own(Set.of(0));
        handler.take(request, 0, acknowledged::countDown);
        assertThat(acknowledged.await(1, TimeUnit.MINUTES)).as("acknowledged").isTrue();
    }

    private TrainingEvent onlyEvent() {
        List<TrainingEvent> events = kafka.events("training-events", TrainingEvent.class);
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    private static String parameters(String members) {
        return "{\"parameters\":{" + members + "}}";
    }

    private static String many(IntFunction<String> element) {
        return join(REQUEST_BYTES / element.apply(100_000).length(), element);
    }

    private static String few(IntFunction<String> element) {
        return join(REQUEST_BYTES / element.apply(10).length(), element);
    }

    private static String join(int count, IntFunction<String> element) {
        return IntStream.range(0, count).mapToObj(element).collect(joining(","));
    }
}
