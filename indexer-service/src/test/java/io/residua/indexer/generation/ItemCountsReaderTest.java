package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.wire.ItemCounts;
import io.residua.indexer.wire.ItemCountsV1;
import org.junit.jupiter.api.Test;

class ItemCountsReaderTest {
    private static final String TOPIC = "counts";

    private final MemoryTopics topics = new MemoryTopics().with(TOPIC, 1);
    private final ItemCountsReader reader = new ItemCountsReader(topics.reader(), TOPIC);

    @Test
    void newestCountsOfAllPartitionsAreAddedUp() {
        // Given
        count(0, 5, 1);
        count(1, 7, 0);
        count(0, 6, 2);

        // When / Then
        assertThat(reader.read()).isEqualTo(new Items(13, 2));
    }

    @Test
    void malformedRecordIsSkippedAndTheNextOneCounts() {
        // Given
        count(0, 5, 1);
        topics.add(TOPIC, key(0), new byte[] {1, 2, 3});
        topics.add(TOPIC, key(1), null);
        topics.add(TOPIC, null, null);
        count(1, 7, 0);

        // When / Then
        assertThat(reader.read()).isEqualTo(new Items(12, 1));
    }

    private void count(int partition, long coded, long refused) {
        topics.add(TOPIC, key(partition), new ItemCountsV1().toBytes(new ItemCounts(coded, refused)));
    }

    private static byte[] key(int partition) {
        return new byte[] {0, 0, 0, (byte) partition};
    }
}
