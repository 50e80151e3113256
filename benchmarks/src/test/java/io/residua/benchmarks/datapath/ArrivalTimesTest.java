package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalTimesTest {
    private static final long MILLI = 1_000_000;

    @Test
    void middleRateLeavesOutASlowStartAndASlowEnd() {
        // Given: 100 codes; 60 in the middle come one a millisecond, the others one in ten
        ArrivalTimes arrivals = new ArrivalTimes(100);
        long now = 0;
        for (int i = 0; i < 100; i++) {
            now += i > 20 && i < 80 ? MILLI : 10 * MILLI;
            arrivals.add(now);
        }

        // Then
        assertThat(arrivals.middleRate()).isEqualTo(1000);
        assertThat(arrivals.rateSince(0)).isEqualTo(100 * 1e9 / (59 * MILLI + 41 * 10 * MILLI));
    }

    @Test
    void middleRateOfCodesThatComeAtOnceIsNotKnown() {
        // Given
        ArrivalTimes arrivals = new ArrivalTimes(3);
        for (int i = 0; i < 3; i++) {
            arrivals.add(MILLI);
        }

        // Then
        assertThat(arrivals.middleRate()).isNaN();
        assertThat(arrivals.rateSince(0)).isEqualTo(3000);
    }

    @Test
    void codesThatNeverCameDoNotCount() {
        // Given
        ArrivalTimes arrivals = new ArrivalTimes(1000);

        // When
        for (int i = 1; i <= 10; i++) {
            arrivals.add(i * MILLI);
        }

        // Then
        assertThat(arrivals.count()).isEqualTo(10);
        assertThat(arrivals.last()).isEqualTo(10 * MILLI);
        assertThat(arrivals.rateSince(0)).isEqualTo(1000);
    }
}
