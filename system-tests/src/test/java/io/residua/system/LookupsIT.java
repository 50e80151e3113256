package io.residua.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.safetensors.Safetensors;
import io.residua.indexer.model.TinyModel;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Look-ups over HTTP, from two replicas that read what a real broker has. */
class LookupsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROBLEM = "application/problem+json";
    private static final int GRID = 40;
    private static final List<String> ODD_IDS = List.of(
            "a b",
            "a/b",
            "/a//b/",
            "..",
            ".",
            "../../x",
            "a+b",
            "100%",
            "ü–日本",
            "a?b#c",
            "q=1&r=2",
            "\"'<>\\",
            "x\ty\n",
            "%2F",
            "l".repeat(512));

    @TempDir
    static Path folder;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestSystem system;
    private static ServiceProcess first;
    private static ServiceProcess second;

    @BeforeAll
    static void start() throws Exception {
        system = new TestSystem(folder, 2);
        first = system.service("indexer-service", "first", Map.of());
        second = system.service("indexer-service", "second", Map.of());
        first.start();
        second.start();
        first.awaitReady();
        second.awaitReady();
        for (int i = 0; i < 200; i++) {
            system.embedRaw("item-" + i, vector(i));
        }
        for (int i = 0; i < ODD_IDS.size(); i++) {
            system.embedRaw(ODD_IDS.get(i), vector(200 + i));
        }
        system.publish(model(), "m-1");
        awaitServed(first);
        awaitServed(second);
    }

    @AfterAll
    static void stop() throws Exception {
        first.close();
        second.close();
        system.close();
    }

    /** Three levels: a sign on x, a tenth on y, a thousandth on y. */
    private static TinyModel model() {
        float[] tenths = new float[2 * GRID];
        float[] thousandths = new float[2 * GRID];
        for (int i = 0; i < GRID; i++) {
            tenths[2 * i + 1] = i * 0.1f;
            thousandths[2 * i + 1] = i * 0.001f;
        }
        return new TinyModel(2, 2, new float[][] {{-10, 0, 10, 0}, tenths, thousandths});
    }

    private static float[] vector(int i) {
        return new float[] {i % 2 == 0 ? -10 : 10, (i / 2 % GRID) * 0.1f + (i / (2 * GRID)) * 0.001f};
    }

    @Test
    void everyValidIdIsFoundAndItsCodeLeadsBack() throws Exception {
        for (String id : ODD_IDS) {
            // When
            HttpResponse<String> item = get(first, "/generations/m-1/items/" + encoded(id));

            // Then
            assertThat(item.statusCode()).as(id).isEqualTo(200);
            JsonNode answer = JSON.readTree(item.body());
            assertThat(answer.get("itemId").asText()).isEqualTo(id);
            assertThat(answer.get("offsets")).hasSize(2);
            HttpResponse<String> code = get(second, "/generations/m-1/codes/" + path(answer.get("codes")));
            assertThat(code.statusCode()).isEqualTo(200);
            assertThat(JSON.readTree(code.body()).get("itemId").asText()).isEqualTo(id);
            assertThat(JSON.readTree(code.body()).get("tokens")).isEqualTo(answer.get("tokens"));
        }
    }

    @Test
    void whatIsUnknownOrMalformedIsAProblem() throws Exception {
        assertProblem(404, "/generations/other/items/item-1", "there is no generation other");
        assertProblem(404, "/generations/m-1/items/none", "item none has no code in m-1");
        assertProblem(404, "/generations/m-1/items/" + "l".repeat(513), null);
        assertProblem(404, "/generations/m-1/codes/1_39_39", "no item has code 1_39_39 in m-1");
        assertProblem(404, "/generations/m-1/codes/2_0_0", "no item has code 2_0_0 in m-1");
        assertProblem(404, "/generations/m-1/codes/70000_0_0", "no item has code 70000_0_0 in m-1");
        assertProblem(404, "/generations/m-1/prefixes/2_0", "no code begins with 2_0 in m-1");
        assertProblem(
                400,
                "/generations/m-1/codes/1_2",
                "code is 1_2, expected 3 numbers joined by underscores, such as 151_51");
        assertProblem(400, "/generations/m-1/codes/a_b_c", null);
        assertProblem(400, "/generations/m-1/prefixes/1_2_3", null);
        assertProblem(400, "/generations/m-1/prefixes/1?n=101", "n is 101, expected 0 to 100");
        assertProblem(400, "/generations/m-1/trie.safetensors?vocabulary=39", "vocabulary is 39, expected 40 to 4096");
    }

    @Test
    void requestsThatNoClientOughtToSendAreProblems() throws Exception {
        // The HTTP server itself refuses these two, without a body.
        assertThat(raw("GET /generations/m-1/items/%zz")).startsWith("HTTP/1.1 400");
        assertThat(raw("GET /generations/a|b/items/x")).startsWith("HTTP/1.1 400");
        for (String path : List.of("m-1/items/", "m-1/other")) {
            assertThat(raw("GET /generations/" + path))
                    .as(path)
                    .startsWith("HTTP/1.1 404")
                    .contains(PROBLEM);
        }
        assertThat(raw("DELETE /generations/m-1/items/x"))
                .startsWith("HTTP/1.1 405")
                .contains(PROBLEM);
    }

    @Test
    void childrenOfAPrefixAreCounted() throws Exception {
        // When
        JsonNode answer =
                JSON.readTree(get(first, "/generations/m-1/prefixes/0?n=1").body());

        // Then
        assertThat(answer.get("prefix")).hasToString("[0]");
        long sum = 0;
        for (JsonNode child : answer.get("children")) {
            sum += child.get("items").asLong();
            assertThat(child.get("samples")).hasSize(1);
            assertThat(child.get("token").asText()).isEqualTo("<b_" + child.get("code") + ">");
        }
        assertThat(answer.get("items").asLong()).isEqualTo(sum).isGreaterThanOrEqualTo(100);
    }

    @Test
    void indexAndTrieHoldEveryCodeAndAreNotSentAgainUnchanged() throws Exception {
        // When
        HttpResponse<String> index = get(first, "/generations/m-1/index.json");
        Path file = folder.resolve("trie.safetensors");
        HttpResponse<Path> trie =
                HTTP.send(request(first, "/generations/m-1/trie.safetensors").build(), BodyHandlers.ofFile(file));

        // Then
        JsonNode items = JSON.readTree(index.body());
        assertThat(items.size()).isGreaterThanOrEqualTo(200 + ODD_IDS.size());
        assertThat(items.get("a/b").get(0).asText()).matches("<a_[01]>");
        Map<String, String> metadata = Safetensors.read(file).metadata();
        assertThat(metadata)
                .containsEntry("model_version", "m-1")
                .containsEntry("codebook_sizes", "[2, 40, 40]")
                .containsEntry("items", Integer.toString(items.size()))
                .containsEntry("vocab_size", "40");
        assertThat(JSON.readTree(metadata.get("offsets")))
                .isEqualTo(JSON.readTree(
                        trie.headers().firstValue("Residua-Offsets").orElseThrow()));
        HttpResponse<String> unchanged = HTTP.send(
                request(first, "/generations/m-1/trie.safetensors")
                        .header(
                                "If-None-Match",
                                trie.headers().firstValue("ETag").orElseThrow())
                        .build(),
                BodyHandlers.ofString());
        assertThat(unchanged.statusCode()).isEqualTo(304);
    }

    @Test
    void replicasAnswerAlikeWhileItemsStreamAndAKilledOneGoesOnAtItsOffsets() throws Exception {
        // Given
        stream(300, 700);
        assertAlike("items/" + encoded("a b"));
        second.kill();
        stream(700, 1_000);
        system.send("item-1", null, "application/json");

        // When
        second.start();
        awaitServed(second);
        assertAlike("items/" + encoded("a b"));
        stream(1_000, 1_100);

        // Then
        Poll.until("both replicas have read everything", TIMEOUT, () -> Stream.of(first, second)
                .allMatch(replica -> isComplete(body(replica, "index.json"))));
        assertThat(body(second, "index.json")).isEqualTo(body(first, "index.json"));
        assertThat(body(second, "trie.safetensors")).isEqualTo(body(first, "trie.safetensors"));
        assertThat(openedOffsets()).allSatisfy(offset -> assertThat(offset).isPositive());
    }

    private static void stream(int from, int to) {
        for (int i = from; i < to; i++) {
            system.embedRaw("streamed-" + i, vector(i));
        }
    }

    private static boolean isComplete(String index) {
        return !index.contains("\"item-1\"")
                && IntStream.range(300, 1_100).allMatch(i -> index.contains("\"streamed-" + i + "\""));
    }

    @Test
    void documentsDescribeEveryPathAndTopic() throws Exception {
        // When
        JsonNode openApi = JSON.readTree(get(first, "/q/openapi?format=json").body());
        JsonNode asyncApi = JSON.readTree(get(first, "/asyncapi").body());

        // Then
        JsonNode paths = openApi.get("paths");
        assertThat(responses(paths, "/generations/{version}/items/{id}", "get")).contains("200", "400", "404", "503");
        assertThat(responses(paths, "/generations/{version}/codes/{code}", "get"))
                .contains("200", "400", "404", "503");
        assertThat(responses(paths, "/generations/{version}/prefixes/{prefix}", "get"))
                .contains("200", "400", "404", "503");
        assertThat(responses(paths, "/generations/{version}/index.json", "get")).contains("200", "304", "404", "503");
        assertThat(responses(paths, "/generations/{version}/trie.safetensors", "get"))
                .contains("200", "304", "400", "404", "503");
        assertThat(responses(paths, "/generations", "get")).contains("200");
        assertThat(responses(paths, "/generations/{version}/pin", "post")).contains("204", "404", "503");
        assertThat(responses(paths, "/generations/{version}/pin", "delete")).contains("204", "404", "503");
        assertThat(responses(paths, "/generations/{version}/rollback", "post")).contains("204", "404", "503");
        assertThat(responses(paths, "/asyncapi", "get")).contains("200");
        openApi.findValuesAsText("$ref").forEach(reference -> assertThat(
                        openApi.at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
        assertThat(asyncApi.at("/channels/itemCodes/address").asText()).isEqualTo("item-codes-{modelVersion}");
    }

    @Test
    void lookUpsAreCounted() throws Exception {
        // Given
        get(first, "/generations/m-1/items/item-2");

        // When
        String metrics = get(first, "/q/metrics").body();

        // Then
        assertThat(metrics)
                .contains("residua_index_lookup_seconds_count{kind=\"item\",outcome=\"found\"")
                .contains("residua_index_lookup_lag{model=\"m-1\"")
                .contains("residua_index_lookup_items{model=\"m-1\"")
                .contains("residua_index_lookup_skipped_total 0.0");
    }

    private static Set<String> responses(JsonNode paths, String path, String method) {
        Set<String> names = new TreeSet<>();
        paths.path(path).path(method).path("responses").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The offsets at which the second replica opened its read model the last time. */
    private static List<Long> openedOffsets() throws IOException {
        Matcher line = Pattern.compile("look-ups opened version=m-1 items=\\d+ offsets=\\{0=(\\d+), 1=(\\d+)}")
                .matcher(Files.readString(folder.resolve("second.log")));
        List<Long> offsets = new ArrayList<>();
        while (line.find()) {
            offsets.clear();
            offsets.add(Long.valueOf(line.group(1)));
            offsets.add(Long.valueOf(line.group(2)));
        }
        assertThat(offsets).hasSize(2);
        return offsets;
    }

    private static void awaitServed(ServiceProcess replica) throws IOException {
        Poll.until("look-ups are served", TIMEOUT, () -> replica.get("/generations/m-1/items/item-2")
                .isPresent());
    }

    /** Both replicas say the same of an item that does not change. */
    private static void assertAlike(String path) throws IOException {
        String everyMemberButOffsets = "\"offsets\".*";
        assertThat(body(second, path).replaceAll(everyMemberButOffsets, ""))
                .isEqualTo(body(first, path).replaceAll(everyMemberButOffsets, ""));
    }

    private static String body(ServiceProcess replica, String path) {
        try {
            return get(replica, "/generations/m-1/" + path).body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertProblem(int status, String path, String detail) throws Exception {
        HttpResponse<String> answer = get(first, path);
        assertThat(answer.statusCode()).as(path).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith(PROBLEM));
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        if (detail != null) {
            assertThat(problem.get("detail").asText()).isEqualTo(detail);
        }
    }

    /** The answer to a request line that clients would refuse to send; characters are bytes. */
    private static String raw(String methodAndPath) throws IOException {
        URI address = first.uri("/");
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout((int) TIMEOUT.toMillis());
            socket.getOutputStream()
                    .write((methodAndPath + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static HttpResponse<String> get(ServiceProcess replica, String path)
            throws IOException, InterruptedException {
        return HTTP.send(request(replica, path).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(ServiceProcess replica, String path) {
        return HttpRequest.newBuilder(replica.uri(path)).timeout(Duration.ofSeconds(30));
    }

    private static String path(JsonNode codes) {
        List<String> entries = new ArrayList<>();
        codes.forEach(code -> entries.add(code.asText()));
        return String.join("_", entries);
    }

    /** Every byte but letters and digits percent-encoded, dots as well: no client or server may normalise them away. */
    private static String encoded(String id) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : id.getBytes(UTF_8)) {
            encoded.append(Character.isLetterOrDigit(b) ? String.valueOf((char) b) : String.format("%%%02X", b));
        }
        return encoded.toString();
    }
}
