package io.residua.indexer.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SourcePositionTest {
    @Test
    void theOffsetDecidesWithinAPartition() {
        // Given
        SourcePosition older = new SourcePosition(1, 10, 2_000);
        SourcePosition newer = new SourcePosition(1, 11, 1_000);

        // Then
        assertThat(newer.newerThan(older)).isTrue();
        assertThat(older.newerThan(newer)).isFalse();
        assertThat(older.newerThan(older)).isFalse();
    }

    @Test
    void theTimestampThenThePartitionDecidesAcrossPartitions() {
        // Given
        SourcePosition early = new SourcePosition(3, 99, 1_000);
        SourcePosition late = new SourcePosition(1, 5, 2_000);
        SourcePosition lateElsewhere = new SourcePosition(2, 4, 2_000);

        // Then
        assertThat(late.newerThan(early)).isTrue();
        assertThat(early.newerThan(late)).isFalse();
        assertThat(lateElsewhere.newerThan(late)).isTrue();
        assertThat(late.newerThan(lateElsewhere)).isFalse();
    }
}
