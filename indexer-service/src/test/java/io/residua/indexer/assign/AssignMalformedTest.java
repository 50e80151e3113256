package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.Resolution;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SourcePosition;
import io.residua.indexer.wire.WireFormat.NewerFormatException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Damaged and hostile records of the internal topics: counted, dead-lettered and skipped. */
class AssignMalformedTest {
    private static final byte[] RIGHT = Codes.prefixKey(new int[] {1, 0});
    private static final SourcePosition POSITION = new SourcePosition(0, 1, 1);
    private static final float[] Z = {10.9f, 0};

    private final StageHarness stages = new StageHarness();

    @AfterEach
    void close() {
        stages.close();
    }

    @Test
    void damagedRequestsAreSetAsideAndTheNextOnesServed() {
        // Given
        byte[] good = new PrefixCommandV2().toBytes(StageHarness.request("good", 1, 10.9f));

        // When
        stages.sendRequest(RIGHT, null);
        stages.sendRequest(null, good);
        stages.sendRequest(RIGHT, Arrays.copyOf(good, good.length - 3));
        stages.sendRequest(Codes.prefixKey(new int[] {0, 0}), good);
        stages.sendRequest(RIGHT, request("a", new int[] {1, 3}, Z, 0));
        stages.sendRequest(RIGHT, request("a", new int[] {1}, Z, 0));
        stages.sendRequest(RIGHT, request("a", new int[] {1, 2}, new float[] {Float.NaN, 0}, 0));
        stages.sendRequest(RIGHT, request("a", new int[] {1, 2}, new float[] {1}, 0));
        stages.sendRequest(RIGHT, request("", new int[] {1, 2}, Z, 0));
        stages.sendRequest(RIGHT, request("a", new int[] {1, 2}, Z, 200));
        stages.sendRequest(new byte[] {0, 9}, request("a", new int[] {1, 2}, Z, 1));
        stages.sendRequest(RIGHT, new PrefixCommandV2().toBytes(new Release(new int[] {1, 9}, 1)));
        stages.sendRequest(RIGHT, request(new SourcePosition(-1, 1, 1), 1));
        stages.sendRequest(RIGHT, request(new SourcePosition(0, 1, Long.MIN_VALUE), 1));
        stages.sendRequest(RIGHT, request(POSITION, Double.NaN));
        stages.sendRequest(RIGHT, good);
        stages.settle();

        // Then
        assertThat(stages.deadLetters()).hasSize(15).allSatisfy(letter -> assertThat(new String(
                        letter.headers().lastHeader("dead-letter-reason").value(), UTF_8))
                .isEqualTo("malformed-internal-record"));
        assertThat(stages.log()).containsExactly("good=[1, 2]");
    }

    @Test
    void damagedGrantsAreSetAsideAndTheNextOnesServed() {
        // Given
        byte[] item = "a".getBytes(UTF_8);

        // When
        stages.sendGrant(item, null);
        stages.sendGrant(item, grant(new int[] {1, 7}, 0.5));
        stages.sendGrant(item, grant(new int[] {1, 2, 0}, 0.5));
        stages.sendGrant(item, grant(new int[] {1, 2}, Double.NaN));
        stages.sendGrant(new byte[0], grant(new int[] {1, 2}, 0.5));
        stages.sendGrant(item, new ItemCommandV2().toBytes(new Deleted(new SourcePosition(0, 1, Long.MIN_VALUE))));
        stages.embed("b", 5, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.deadLetters()).hasSize(6);
        assertThat(stages.log()).containsExactly("b=[1, 2]");
    }

    @Test
    void randomBytesStopNothing() {
        // Given
        Random random = new Random(3);

        // When
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = 2;
            }
            stages.sendRequest(RIGHT, bytes);
            stages.sendGrant("a".getBytes(UTF_8), bytes);
        }
        stages.embed("good", 1, -10.9f);
        stages.settle();

        // Then
        assertThat(stages.code("good")).isPresent();
    }

    @Test
    void aRecordOfALaterReleaseStopsTheStage() {
        // Given
        byte[] newer = new PrefixCommandV2().toBytes(StageHarness.request("a", 1, 10.9f));
        newer[0]++;

        // Then
        assertThatThrownBy(() -> stages.sendRequest(RIGHT, newer)).hasRootCauseInstanceOf(NewerFormatException.class);
    }

    private static byte[] request(String item, int[] codes, float[] z, int spills) {
        return new PrefixCommandV2().toBytes(new Request(item.getBytes(UTF_8), POSITION, 1, 1, codes, z, spills));
    }

    private static byte[] request(SourcePosition position, double norm) {
        return new PrefixCommandV2()
                .toBytes(new Request("a".getBytes(UTF_8), position, 1, norm, new int[] {1, 2}, Z, 0));
    }

    private static byte[] grant(int[] codes, double error) {
        return new ItemCommandV2()
                .toBytes(new Grant(POSITION, 1, 1, new int[] {1, 2}, codes, 1, Resolution.NEAREST, error, 0.5));
    }
}
