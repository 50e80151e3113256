package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.KeyPartitions;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticRequestsTest {
    private static final int ITEMS = 1000;

    private final ItemNames names = new ItemNames("bench");

    @ParameterizedTest
    @EnumSource
    void codesOfARequestAreTheNearestOnesOfItsLatent(ItemMode mode) {
        // Given
        Codebooks codebooks = SyntheticRequests.codebooks();

        // Then
        for (Request request : requests(mode, Phase.MANY)) {
            assertThat(codebooks.nearest(request.z())).isEqualTo(request.codes());
        }
    }

    @Test
    void distinctItemsHaveDistinctCodesInEveryPhase() {
        // When
        Set<String> codes = new HashSet<>();
        for (Phase phase : Phase.values()) {
            for (Request request : requests(ItemMode.DISTINCT, phase)) {
                codes.add(Arrays.toString(request.codes()));
            }
        }

        // Then
        assertThat(codes).hasSize(ITEMS * Phase.values().length);
    }

    @Test
    void fiftyCopiesShareEachCodeButNotTheirLatent() {
        // When
        Request[] requests = requests(ItemMode.COPIES, Phase.MANY);

        // Then
        Map<String, Long> items = Arrays.stream(requests)
                .collect(Collectors.groupingBy(request -> Arrays.toString(request.codes()), Collectors.counting()));
        assertThat(items).hasSize(ITEMS / 50).allSatisfy((code, count) -> assertThat(count)
                .isEqualTo(50));
        assertThat(Arrays.stream(requests)
                        .map(request -> Arrays.toString(request.z()))
                        .distinct())
                .hasSize(ITEMS);
    }

    @Test
    void recordHasTheFormAndThePartitionThatTheEncodeStageGivesIt() {
        // Given
        SyntheticRequests requests = new SyntheticRequests(names, ItemMode.DISTINCT, ITEMS);

        // When
        ProducerRecord<byte[], byte[]> record = requests.record("requests", Phase.MANY, 3);

        // Then
        Request read = (Request) new PrefixCommandV2().fromBytes(record.value());
        assertThat(read.itemId()).isEqualTo(names.key(Phase.MANY, 3));
        assertThat(record.key()).isEqualTo(Codes.prefixKey(read.codes()));
        assertThat(record.partition()).isEqualTo(KeyPartitions.of(record.key(), StagesTopics.PARTITIONS));
    }

    private Request[] requests(ItemMode mode, Phase phase) {
        SyntheticRequests requests = new SyntheticRequests(names, mode, ITEMS);
        return IntStream.range(0, ITEMS)
                .mapToObj(number -> requests.request(phase, number))
                .toArray(Request[]::new);
    }
}
