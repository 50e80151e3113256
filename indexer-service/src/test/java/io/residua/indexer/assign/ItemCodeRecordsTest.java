package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.Resolution;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.SourcePosition;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class ItemCodeRecordsTest {
    private static final SourcePosition POSITION = new SourcePosition(3, 1L << 40, 1_700_000_000_123L);

    private final ItemCodeRecords records = new ItemCodeRecords("model-1");

    @Test
    void writesWhatTheEventRecordWouldBeWrittenAs() {
        // Given
        Grant grant = new Grant(
                POSITION, 7, 2.5, new int[] {1, 0}, new int[] {1, 255}, 77, Resolution.SPILLED, 1e-12, 1.0 / 3);
        ItemCode expected = new ItemCode(
                "größe \"42\"\n\u0001",
                "model-1",
                List.of(1, 255),
                List.of("<a_1>", "<b_255>"),
                List.of(1, 0),
                77,
                Resolution.SPILLED,
                1e-12,
                1.0 / 3,
                2.5,
                3,
                1L << 40,
                Instant.ofEpochMilli(POSITION.timestamp()),
                Instant.ofEpochMilli(1_700_000_001_000L));

        // When
        Record<byte[], Object> record = records.code(expected.itemId().getBytes(UTF_8), grant, 1_700_000_001_000L);

        // Then
        assertThat(new String((byte[]) record.value(), UTF_8)).isEqualTo(new String(Json.write(expected), UTF_8));
        assertThat(header(record, "ce_type")).isEqualTo(expectedType(expected));
        assertThat(header(record, "content-type")).isEqualTo("application/json");
    }

    @Test
    void noTwoEventsOfAnItemHaveTheSameId() {
        // Given
        Grant first = new Grant(POSITION, 7, 1, new int[] {1}, new int[] {1}, 77, Resolution.NEAREST, 0, 0);
        Grant again = new Grant(POSITION, 7, 1, new int[] {1}, new int[] {1}, 78, Resolution.NEAREST, 0, 0);

        // Then
        assertThat(List.of(
                        header(records.code(new byte[] {'a'}, first, 0), "ce_id"),
                        header(records.code(new byte[] {'a'}, again, 0), "ce_id"),
                        header(records.tombstone(new byte[] {'a'}, POSITION, 0), "ce_id")))
                .doesNotHaveDuplicates();
    }

    private static String expectedType(ItemCode code) {
        return CloudEvents.typeOf(code);
    }

    private static String header(Record<byte[], Object> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
