package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.indexer.wire.Codes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadModelTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final ReadModel.Source SOURCE = new ReadModel.Source("topic-id", 2);

    @TempDir
    private Path temp;

    private ReadModel model;

    @BeforeEach
    void open() throws IOException {
        model = open(SOURCE);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void itemAndCodeLeadToEachOther() {
        // When
        apply(coded("apple", 1, 7, 8, 9));

        // Then
        assertThat(model.item(bytes("apple"))).hasValueSatisfying(item -> {
            assertThat(item.code()).containsExactly(7, 8, 9);
            assertThat(item.claim()).isEqualTo(1);
        });
        assertThat(holder(7, 8, 9)).isEqualTo("apple");
        assertThat(model.position().items()).isEqualTo(1);
    }

    @Test
    void itemWithANewCodeFreesItsOldOne() {
        // Given
        apply(coded("apple", 1, 7, 8, 9));

        // When
        apply(coded("apple", 2, 7, 8, 10));

        // Then
        assertThat(holder(7, 8, 9)).isNull();
        assertThat(holder(7, 8, 10)).isEqualTo("apple");
        assertThat(model.position().items()).isEqualTo(1);
    }

    @Test
    void tombstoneRemovesItemAndCode() {
        // Given
        apply(coded("apple", 1, 7, 8, 9), coded("pear", 2, 7, 8, 10));

        // When
        apply(deleted("apple"), deleted("unknown"));

        // Then
        assertThat(model.item(bytes("apple"))).isEmpty();
        assertThat(holder(7, 8, 9)).isNull();
        assertThat(holder(7, 8, 10)).isEqualTo("pear");
        assertThat(model.position().items()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void greaterClaimHoldsTheCodeThatTwoItemsShow(boolean inOneWrite) {
        // Given
        CodeChange older = coded("apple", 5, 7, 8, 9);
        CodeChange newer = coded("pear", 9, 7, 8, 9);

        // When
        if (inOneWrite) {
            apply(newer, older);
        } else {
            apply(newer);
            apply(older);
        }

        // Then
        assertThat(holder(7, 8, 9)).isEqualTo("pear");
        assertThat(model.item(bytes("apple"))).isPresent();
    }

    @Test
    void departureOfAnItemThatDoesNotHoldItsCodeAnyMoreFreesNothing() {
        // Given
        apply(coded("apple", 5, 7, 8, 9), coded("pear", 9, 7, 8, 9));

        // When
        apply(deleted("apple"));

        // Then
        assertThat(holder(7, 8, 9)).isEqualTo("pear");
    }

    /** Items move between few codes as the stages let them; partitions are read in any order against each other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyOrderOfPartitionsEndsWithTheSameRows(long seed) {
        // Given
        Random random = new Random(seed);
        List<List<CodeChange>> partitions = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Map<String, List<Integer>> codes = new HashMap<>();
        for (int claim = 1; claim <= 400; claim++) {
            int item = random.nextInt(9);
            String id = "item-" + item;
            List<Integer> free = List.of(1, random.nextInt(3), random.nextInt(4));
            if (random.nextInt(5) == 0) {
                codes.remove(id);
                partitions.get(item % 3).add(deleted(id));
            } else if (!codes.containsValue(free)) {
                codes.put(id, free);
                partitions.get(item % 3).add(coded(id, claim, free.get(0), free.get(1), free.get(2)));
            }
        }

        // When
        int[] next = new int[3];
        List<CodeChange> write = new ArrayList<>();
        while (true) {
            List<Integer> open = Stream.of(0, 1, 2)
                    .filter(partition ->
                            next[partition] < partitions.get(partition).size())
                    .toList();
            if (open.isEmpty() || random.nextInt(7) == 0) {
                model.apply(write, new long[] {1, 1});
                write.clear();
                if (open.isEmpty()) {
                    break;
                }
            }
            int partition = open.get(random.nextInt(open.size()));
            write.add(partitions.get(partition).get(next[partition]++));
        }

        // Then
        Map<String, List<Integer>> byItem = new HashMap<>();
        Map<String, List<Integer>> byCode = new HashMap<>();
        model.snapshot(snapshot -> {
            snapshot.forEachCode((id, code) -> byCode.put(new String(id, UTF_8), boxed(code)));
            return snapshot;
        });
        for (int item = 0; item < 9; item++) {
            String id = "item-" + item;
            model.item(bytes(id)).ifPresent(held -> byItem.put(id, boxed(held.code())));
        }
        assertThat(byItem).isEqualTo(codes);
        assertThat(byCode).isEqualTo(codes);
        assertThat(model.position().items()).isEqualTo(codes.size());
    }

    @Test
    void childrenOfAPrefixAreCountedWithSamples() {
        // Given
        apply(
                coded("a", 1, 1, 2, 0),
                coded("b", 2, 1, 2, 1),
                coded("c", 3, 1, 2, 300),
                coded("d", 4, 1, 258, 0),
                coded("e", 5, 2, 2, 0),
                coded("f", 6, 0, 2, 0));

        // When
        List<PrefixChild> children = model.snapshot(snapshot -> snapshot.children(new int[] {1}, 2));

        // Then
        assertThat(children)
                .containsExactly(new PrefixChild(2, 3, List.of("a", "b")), new PrefixChild(258, 1, List.of("d")));
        assertThat(model.<List<PrefixChild>>snapshot(snapshot -> snapshot.children(new int[] {3}, 2)))
                .isEmpty();
        assertThat(model.<List<PrefixChild>>snapshot(snapshot -> snapshot.children(new int[] {1, 2}, 0)))
                .containsExactly(
                        new PrefixChild(0, 1, List.of()),
                        new PrefixChild(1, 1, List.of()),
                        new PrefixChild(300, 1, List.of()));
    }

    @Test
    void reopenedModelGoesOnAtItsOffsets() throws IOException {
        // Given
        model.apply(List.of(coded("apple", 1, 7, 8, 9)), new long[] {40, 2});
        model.close();

        // When
        model = open(SOURCE);

        // Then
        assertThat(model.position().offsets()).isEqualTo(Map.of(0, 40L, 1, 2L));
        assertThat(model.position().items()).isEqualTo(1);
        assertThat(holder(7, 8, 9)).isEqualTo("apple");
    }

    @Test
    void modelOfATopicThatWasCreatedAnewStartsEmpty() throws IOException {
        // Given
        apply(coded("apple", 1, 7, 8, 9));
        model.close();

        // When
        model = open(new ReadModel.Source("other-id", 2));

        // Then
        assertThat(model.position().offsets()).isEqualTo(Map.of(0, 0L, 1, 0L));
        assertThat(model.position().items()).isZero();
        assertThat(holder(7, 8, 9)).isNull();
    }

    @Test
    void modelWhoseFilesAreDamagedStartsEmpty() throws IOException {
        // Given
        apply(coded("apple", 1, 7, 8, 9));
        model.close();
        try (Stream<Path> files = Files.list(temp.resolve("db"))) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("MANIFEST"))
                    .toList()) {
                Files.writeString(file, "damaged");
            }
        }

        // When
        model = open(SOURCE);

        // Then
        assertThat(model.position().offset(0)).isZero();
        assertThat(holder(7, 8, 9)).isNull();
    }

    @Test
    void modelThatIsStillOpenIsNotTakenForDamaged() throws IOException {
        // Given
        apply(coded("apple", 1, 7, 8, 9));

        // When
        assertThatThrownBy(() -> open(SOURCE))
                .isInstanceOfSatisfying(
                        ReadModelException.class, e -> assertThat(e.isPassing()).isTrue());
        model.close();
        model = open(SOURCE);

        // Then
        assertThat(holder(7, 8, 9)).isEqualTo("apple");
    }

    @Test
    void closedModelSaysThatItIsNotServed() {
        // When
        model.close();

        // Then
        assertThatThrownBy(() -> holder(7, 8, 9)).isInstanceOf(NotServedException.class);
    }

    private ReadModel open(ReadModel.Source source) throws IOException {
        return ReadModel.open(temp.resolve("db"), source, options -> {}, START);
    }

    private void apply(CodeChange... changes) {
        model.apply(List.of(changes), new long[] {model.position().offset(0) + changes.length, 0});
    }

    private String holder(int... code) {
        return model.holder(code).map(HeldItem::itemId).orElse(null);
    }

    private static CodeChange coded(String item, long claim, int... code) {
        return new CodeChange(bytes(item), Codes.key(code), claim);
    }

    private static CodeChange deleted(String item) {
        return new CodeChange(bytes(item), null, 0);
    }

    private static List<Integer> boxed(int... code) {
        return Arrays.stream(code).boxed().toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
