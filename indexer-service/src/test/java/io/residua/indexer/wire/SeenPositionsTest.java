package io.residua.indexer.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeenPositionsTest {
    @Test
    void withinAPartitionTheGreaterOffsetIsNewer() {
        // Given
        SeenPositions seen = SeenPositions.first(new SourcePosition(0, 7, 1_000));

        // Then
        assertThat(seen.precedes(new SourcePosition(0, 8, 1))).isTrue();
        assertThat(seen.precedes(new SourcePosition(0, 7, 2_000))).isFalse();
        assertThat(seen.precedes(new SourcePosition(0, 6, 2_000))).isFalse();
    }

    @Test
    void betweenPartitionsTheLaterTimestampIsNewerThenTheGreaterPartition() {
        // Given
        SeenPositions seen = SeenPositions.first(new SourcePosition(1, 7, 1_000));

        // Then
        assertThat(seen.precedes(new SourcePosition(0, 1, 1_001))).isTrue();
        assertThat(seen.precedes(new SourcePosition(0, 99, 999))).isFalse();
        assertThat(seen.precedes(new SourcePosition(0, 99, 1_000))).isFalse();
        assertThat(seen.precedes(new SourcePosition(2, 1, 1_000))).isTrue();
    }

    @Test
    void anOffsetThatWasSeenIsNeverNewerAgainWhateverItsTimestamp() {
        // Given
        SeenPositions seen = SeenPositions.first(new SourcePosition(0, 5, 1_000))
                .and(new SourcePosition(1, 5, 2_000))
                .and(new SourcePosition(2, 5, 500));

        // Then
        assertThat(seen.newest()).isEqualTo(new SourcePosition(1, 5, 2_000));
        assertThat(seen.precedes(new SourcePosition(0, 5, 9_000))).isFalse();
        assertThat(seen.precedes(new SourcePosition(2, 5, 9_000))).isFalse();
        assertThat(seen.precedes(new SourcePosition(2, 6, 9_000))).isTrue();
    }

    @Test
    void theOrderOfArrivalDoesNotChangeWhatWasSeen() {
        // Given
        SourcePosition a = new SourcePosition(0, 5, 1_000);
        SourcePosition b = new SourcePosition(1, 9, 3_000);
        SourcePosition c = new SourcePosition(0, 6, 2_000);

        // Then
        assertThat(SeenPositions.first(a).and(b).and(c))
                .isEqualTo(SeenPositions.first(c).and(b).and(a))
                .isEqualTo(SeenPositions.first(b).and(a).and(c));
    }
}
