package io.residua.trainer.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.ModelVersions;
import io.residua.trainer.job.Request.RequestIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
    @TempDir
    Path root;

    @Test
    void parametersBecomeArguments() {
        // Given
        String json = "{\"parameters\":{\"epochs\":7,\"bn\":false,\"num_emb_list\":[8,4],\"sk_epsilons\":[0.0,0.003]}}";

        // When
        Request request = read("r1", json);

        // Then
        assertThat(request)
                .isEqualTo(new Request.Train(
                        "r1",
                        Optional.empty(),
                        List.of(
                                "--epochs",
                                "7",
                                "--bn",
                                "false",
                                "--num_emb_list",
                                "8",
                                "4",
                                "--sk_epsilons",
                                "0.0",
                                "0.003")));
    }

    @Test
    void fileBelowTheDataRootIsTaken() throws IOException {
        // Given
        Path file = Files.createFile(Files.createDirectories(root.resolve("a")).resolve("x.npy"));

        // When
        Request request = read("r1", "{\"data\":{\"source\":\"npy\",\"path\":\"a/x.npy\"}}");

        // Then
        assertThat(((Request.Train) request).data()).contains(file.toRealPath());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.npy", "/etc/passwd", "a/../../x.npy", "link/x.npy"})
    void fileOutsideTheDataRootIsRefused(String path) throws IOException {
        // Given
        Path inside = Files.createDirectories(root.resolve("inside"));
        Path outside = Files.createDirectories(root.resolve("outside"));
        Files.createFile(outside.resolve("x.npy"));
        Files.createSymbolicLink(inside.resolve("link"), outside);
        String json = "{\"data\":{\"source\":\"npy\",\"path\":\"" + path + "\"}}";

        // When
        Request request = Request.read("r1".getBytes(UTF_8), json.getBytes(UTF_8), "f", Optional.of(inside));

        // Then
        assertThat(((Request.Invalid) request).reasons())
                .singleElement()
                .asString()
                .contains("outside the data root");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense | not a valid TrainingRequest",
                "{\"action\":\"dance\"} | not a valid TrainingRequest",
                "{\"parameters\":{\"data_path\":\"x\"}} | not one a request can set",
                "{\"parameters\":{\"run-dir\":\"x\"}} | not one a request can set",
                "{\"parameters\":{\"tracking_uri\":\"http://x\"}} | not one a request can set",
                "{\"parameters\":{\"use-wandb\":true}} | not one a request can set",
                "{\"parameters\":{\"epochs\":\"--help\"}} | expected a number",
                "{\"parameters\":{\"layers\":{\"a\":1}}} | expected a number",
                "{\"parameters\":{\"lr\":\"Infinity\"}} | lr is Infinity",
                "{\"parameters\":{\"lr\":\"NaN\"}} | lr is NaN",
                "{\"parameters\":{\"beta\":1e999}} | beta Infinity",
                "{\"data\":{\"source\":\"npy\",\"path\":\"none.npy\"}} | no such file"
            })
    void requestThatCannotBeDoneSaysWhy(String json, String reason) {
        // When
        Request request = read("r1", json);

        // Then
        assertThat(request).isInstanceOf(Request.Invalid.class);
        assertThat(String.join(" ", ((Request.Invalid) request).reasons())).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "-V", "--help", "--version", "-hV", "-x", "@file", "", " ", "5 -h", "a=b", "'-h'"})
    void valueThatIsNoPlainWordIsRejectedByName(String value) {
        for (String json : List.of(
                "{\"parameters\":{\"learner\":\"" + value + "\"}}",
                "{\"parameters\":{\"learner\":[512,\"" + value + "\"]}}")) {
            // When
            Request request = read("r1", json);

            // Then
            assertThat(((Request.Invalid) request).reasons())
                    .containsExactly("parameter 'learner' is " + value
                            + ", expected a number, a boolean, a word or a list of these");
        }
    }

    @Test
    void eachBadParameterHasOneReason() {
        // Given
        String json = "{\"parameters\":{\"layers\":[1,\"-a\",\"-b\"],\"learner\":\"-c\"}}";

        // When
        Request request = read("r1", json);

        // Then
        assertThat(((Request.Invalid) request).reasons())
                .satisfiesExactly(
                        layers -> assertThat(layers).startsWith("parameter 'layers' is -a, expected"),
                        learner -> assertThat(learner).startsWith("parameter 'learner' is -c, expected"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "version", "h", "V"})
    void askingForHelpIsNoTraining(String name) {
        for (String value : List.of("true", "1", "\"x\"", "[]")) {
            // When
            Request request = read("r1", "{\"parameters\":{\"" + name + "\":" + value + "}}");

            // Then
            assertThat(((Request.Invalid) request).reasons().get(0)).contains(name);
        }
    }

    @Test
    void numbersAndWordsOfAnySpellingAreTaken() {
        // Given
        String json = "{\"parameters\":{\"lr\":\"1e-3\",\"weight_decay\":1.0E-5,\"seed\":-7,\"beta\":\"+.5\","
                + "\"learner\":\"AdamW\",\"bn\":\"True\",\"parity\":true}}";

        // When
        Request request = read("r1", json);

        // Then
        assertThat(((Request.Train) request).arguments())
                .contains("1e-3", "1.0E-5", "-7", "+.5", "AdamW", "True", "--parity");
    }

    @Test
    void negativeNumberIsJudgedAsANumber() {
        // When
        Request request = read("r1", "{\"parameters\":{\"layers\":[512,-64]}}");

        // Then
        assertThat(((Request.Invalid) request).reasons()).containsExactly("layers is -64, expected at least 1");
    }

    @Test
    void recordWithoutKeyIsAnsweredUnderItsPosition() {
        // When
        Request request = Request.read(null, "{}".getBytes(UTF_8), "training-requests-0-7", Optional.empty());

        // Then
        assertThat(request.requestId()).isEqualTo("training-requests-0-7");
        assertThat(request).isInstanceOf(Request.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nightly-1", "Nightly 1", "jobs", "ünï", "-x", "###"})
    void modelVersionFollowsFromTheRequestId(String id) {
        // When
        String version = RequestIds.modelVersion(id);

        // Then
        assertThat(ModelVersions.isValid(version)).isTrue();
        assertThat(version).isEqualTo(RequestIds.modelVersion(id)).isNotEqualTo("jobs");
        assertThat(RequestIds.modelVersion("nightly-1")).isEqualTo("nightly-1");
        assertThat(RequestIds.modelVersion("Nightly 1")).isNotEqualTo(RequestIds.modelVersion("nightly 1"));
    }

    private Request read(String key, String json) {
        return Request.read(key.getBytes(UTF_8), json.getBytes(UTF_8), "fallback", Optional.of(root));
    }
}
