package io.residua.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.stack.up.TourCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;

/** The services in containers, as {@code docker-compose.yml} starts them. */
@Tag("containers")
class ContainersIT {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    @RegisterExtension
    private final ComposeInstallation installation = new ComposeInstallation();

    @Test
    void installationInContainersGivesEveryItemOfTheSampleOneCodeOfItsOwn() throws Exception {
        // Given
        Set<String> items = sampleItems();
        String bootstrapServers = "localhost:" + installation.port("broker");

        // When
        int status = new CommandLine(new TourCommand()).execute("--bootstrap-server", bootstrapServers);

        // Then
        assertThat(status).as("exit status of the tour").isZero();
        String version = onlyModel(bootstrapServers);
        try (TopicLog log = new TopicLog(bootstrapServers, "item-codes-" + version)) {
            List<ConsumerRecord<String, byte[]>> codes = log.read();
            assertThat(codes)
                    .extracting(ConsumerRecord::key)
                    .doesNotHaveDuplicates()
                    .hasSameElementsAs(items);
            assertThat(codes)
                    .extracting(code -> Json.read(code.value(), ItemCode.class).codes())
                    .doesNotHaveDuplicates();
        }
        try (TopicLog log = new TopicLog(bootstrapServers, "index-metrics")) {
            log.readUntil(
                    "metrics of " + items.size() + " items with a code of their own",
                    READ_TIMEOUT,
                    metrics -> !metrics.isEmpty() && countsDistinctCodes(metrics, version, items.size()));
        }
        requireAnswer("trainer", "/q/health/ready", "\"UP\"");
        requireAnswer("indexer", "/generations", version);
        requireAnswer("evaluator", "/", "<html");
    }

    /** The service answers on its port of localhost, with {@code content} in the answer. */
    private void requireAnswer(String service, String path, String content) {
        Poll.until(service + " answers " + path + " with " + content, READ_TIMEOUT, () -> LocalHttp.get(
                        installation.port(service), path)
                .filter(answer -> answer.contains(content))
                .isPresent());
    }

    private static Set<String> sampleItems() throws IOException {
        Path table = Path.of(System.getProperty("residua.home"), "samples", "wordnet-nouns", "items.tsv");
        try (Stream<String> lines = Files.lines(table)) {
            return lines.map(line -> line.substring(0, line.indexOf('\t'))).collect(Collectors.toUnmodifiableSet());
        }
    }

    private static String onlyModel(String bootstrapServers) {
        try (TopicLog models = new TopicLog(bootstrapServers, "models")) {
            assertThat(models.read()).hasSize(1);
            return Json.read(models.read().get(0).value(), ModelPublished.class).modelVersion();
        }
    }

    private static boolean countsDistinctCodes(
            List<ConsumerRecord<String, byte[]>> records, String version, int count) {
        IndexMetrics newest = Json.read(records.get(records.size() - 1).value(), IndexMetrics.class);
        return newest.modelVersion().equals(version) && newest.items() == count && newest.distinctCodes() == count;
    }
}
