package io.residua.trainer.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.trainer.snapshot.EmbeddingSnapshot.Summary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingSnapshotTest {
    private static final String TOPIC = "item-embeddings";

    @TempDir
    Path folder;

    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();

    @Test
    void strayDimensionInFrontDoesNotDecide() throws IOException {
        // Given
        json("stray", 1, 2);
        json("a", 1, 2, 3);
        raw("b", 4, 5, 6);
        json("c", 7, 8, 9);

        // When
        Summary summary = take();

        // Then
        assertThat(summary).isEqualTo(new Summary(3, 3, 1));
        assertThat(folder.resolve("items.jsonl")).hasContent("\"a\"\n\"b\"\n\"c\"\n");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void newestEmbeddingOfEveryItemThatIsNotDeletedIsTaken() throws IOException {
        // Given
        raw("a", 1, 2);
        raw("b", 3, 4);
        raw("a", 5, 6);
        append("b", null, CloudEvents.OCTET_STREAM);
        raw("c", 7, 8);

        // When
        Summary summary = take();

        // Then
        assertThat(summary).isEqualTo(new Summary(2, 2, 0));
        assertThat(folder.resolve("items.jsonl")).hasContent("\"a\"\n\"c\"\n");
    }

    @Test
    void moreRefusedRecordsThanEmbeddingsFail() {
        // Given
        raw("a", 1, 2, 3);
        raw("b", 1, 2, 3);
        json("c", 1, 2);
        json("d", 1);
        append("e", "{}".getBytes(StandardCharsets.UTF_8), CloudEvents.JSON);

        // When / Then
        assertThatThrownBy(this::take)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "3 records of item-embeddings were refused, more than the 2 that are embeddings of dimension 3");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void ofTwoEquallyFrequentDimensionsTheNewerCounts() throws IOException {
        // Given
        raw("a", 1, 2);
        raw("b", 3, 4);
        raw("a", 1, 2, 3);
        raw("b", 4, 5, 6);

        // When
        Summary summary = take();

        // Then
        assertThat(summary).isEqualTo(new Summary(2, 3, 2));
    }

    private Summary take() throws IOException {
        try (LogConsumer reader = new LogConsumer(Map.of(TOPIC, log))) {
            return EmbeddingSnapshot.take(reader, TOPIC, folder, () -> false);
        }
    }

    private void raw(String item, float... vector) {
        append(item, EmbeddingFormat.encodeRaw(vector), CloudEvents.OCTET_STREAM);
    }

    private void json(String item, float... vector) {
        append(item, EmbeddingFormat.encodeJson(vector), CloudEvents.JSON);
    }

    private void append(String item, byte[] value, String contentType) {
        log.add(LogConsumer.record(
                TOPIC,
                log.size(),
                item.getBytes(StandardCharsets.UTF_8),
                value,
                CloudEvents.headers("io.residua.embedding", "/test", contentType)));
    }
}
