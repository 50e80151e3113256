package io.residua.common.trie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StaticTrieTest {
    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource({
        "1, 3, '4 4 4', 4, 20",
        "2, 3, '2 2 2', 2, 100",
        "3, 4, '8 8 8 8', 8, 1",
        "4, 4, '16 16 16 16', 16, 3000",
        "5, 4, '3 7 5 11', 11, 200",
        "6, 4, '6 6 6 6', 9, 400",
        "7, 5, '5 1 5 1 5', 5, 60",
        "8, 8, '4 4 4 4 4 4 4 4', 4, 2000",
        "9, 3, '300 2 300', 300, 5000",
        "10, 4, '4 4 4 4', 4, 0",
    })
    void everyPrefixAllowsExactlyTheEntriesThatLeadToAnItem(
            long seed, int levels, String sizes, int vocabulary, int draws) throws IOException {
        // Given
        List<Integer> codebookSizes =
                List.of(sizes.split(" ")).stream().map(Integer::valueOf).toList();
        List<List<Integer>> codes = randomCodes(new Random(seed), codebookSizes, draws);
        Path file = temp.resolve("trie.safetensors");

        // When
        StaticTrie.of(rows(levels, codes), codebookSizes, vocabulary).write(file, TrieMetadata.of(codebookSizes));

        // Then
        PlainTrie plain = new PlainTrie(codes);
        TrieDecoder decoder = new TrieDecoder(Safetensors.read(file));
        for (List<Integer> prefix : prefixes(codes, codebookSizes, new Random(seed))) {
            assertThat(decoder.next(prefix)).as("after %s", prefix).isEqualTo(plain.next(prefix));
        }
        assertThat(decoder.maxBranches()).isEqualTo(plain.maxBranches(levels));
    }

    @Test
    void layoutIsThatOfThePaper() {
        // Given
        CodeRows codes = rows(3, List.of(List.of(0, 1, 2), List.of(2, 0, 0), List.of(0, 1, 0), List.of(2, 2, 1)));

        // When
        StaticTrie trie = StaticTrie.of(codes, List.of(3, 3, 3), 3);

        // Then
        assertThat(trie.tensors())
                .containsOnlyKeys(
                        "packed_csr", "csr_indptr", "dense_states", "layer_max_branches", "dense_mask", "start_mask");
        assertThat(longs(trie, "packed_csr"))
                .containsExactly(1, 4, 0, 5, 2, 6, 0, 0, 2, 0, 0, 0, 1, 0, 3, 0, 3, 0, 3, 0);
        assertThat(longs(trie, "csr_indptr")).containsExactly(0, 0, 1, 1, 3, 5, 6, 7, 10);
        assertThat(longs(trie, "start_mask")).containsExactly(1, 0, 1);
        assertThat(longs(trie, "dense_mask")).containsExactly(0, 1, 0, 0, 0, 0, 1, 0, 1);
        assertThat(longs(trie, "dense_states")).containsExactly(0, 4, 0, 0, 0, 0, 5, 0, 6);
        assertThat(longs(trie, "layer_max_branches")).containsExactly(2, 2, 2);
        assertThat(trie.tensors().get("packed_csr").shape()).containsExactly(10, 2);
        assertThat(trie.tensors().get("dense_states").shape()).containsExactly(3, 3);
    }

    @Test
    void sameCodesInAnotherOrderGiveTheSameBytes() throws IOException {
        // Given
        List<Integer> sizes = List.of(16, 16, 16, 16);
        List<List<Integer>> codes = randomCodes(new Random(11), sizes, 500);
        List<List<Integer>> shuffled = new ArrayList<>(codes);
        shuffled.addAll(codes.subList(0, 50));
        Collections.shuffle(shuffled, new Random(12));
        TrieMetadata metadata = new TrieMetadata(Optional.of("m-1"), sizes, new TreeMap<>(Map.of(1, 70L, 0, 5L)));

        // When
        StaticTrie.of(rows(4, codes), sizes, 16).write(temp.resolve("a"), metadata);
        StaticTrie.of(rows(4, shuffled), sizes, 16).write(temp.resolve("b"), metadata);

        // Then
        assertThat(temp.resolve("a")).hasSameBinaryContentAs(temp.resolve("b"));
        assertThat(Files.size(temp.resolve("a"))).isPositive();
    }

    @Test
    void metadataSaysWhereTheCodesComeFrom() throws IOException {
        // Given
        CodeRows codes = rows(3, List.of(List.of(0, 1, 2), List.of(0, 1, 2), List.of(1, 1, 1)));
        Path file = temp.resolve("trie.safetensors");

        // When
        StaticTrie.of(codes, List.of(2, 3, 4), 5)
                .write(
                        file,
                        new TrieMetadata(Optional.of("m-1"), List.of(2, 3, 4), new TreeMap<>(Map.of(1, 70L, 0, 5L))));

        // Then
        assertThat(Safetensors.read(file).metadata())
                .isEqualTo(Map.of(
                        "model_version", "m-1",
                        "levels", "3",
                        "codebook_sizes", "[2, 3, 4]",
                        "items", "2",
                        "vocab_size", "5",
                        "d", "2",
                        "offsets", "{\"0\": 5, \"1\": 70}"));
    }

    @Test
    void whatTheLayoutCannotHoldIsRefused() {
        // Then
        assertThatThrownBy(() -> StaticTrie.of(new CodeRows(2), List.of(4, 4), 4))
                .hasMessage("codes have 2 levels, a trie needs at least 3: 2 of tables and one of edges");
        assertThatThrownBy(() -> StaticTrie.of(new CodeRows(3), List.of(4, 4, 4, 4), 4))
                .hasMessage("codes have 3 levels, expected 4");
        assertThatThrownBy(() -> StaticTrie.of(new CodeRows(3), List.of(4, 9, 4), 8))
                .hasMessage("vocabulary is 8, expected 9 (the largest codebook) to 23170");
        assertThatThrownBy(() -> StaticTrie.of(new CodeRows(3), List.of(4, 9, 4), 23_171))
                .hasMessage("vocabulary is 23171, expected 9 (the largest codebook) to 23170");
        assertThatThrownBy(() -> StaticTrie.of(new CodeRows(3), List.of(4, 23_171, 4), 23_171))
                .hasMessage("a codebook has 23171 entries, a trie takes at most 23170");
        CodeRows outside = rows(3, List.of(List.of(0, 0, 0), List.of(1, 4, 0)));
        assertThatThrownBy(() -> StaticTrie.of(outside, List.of(4, 4, 4), 8))
                .hasMessage("code 1 has entry 4 at level 2, expected 0 to 3");
        assertThatThrownBy(() -> outside.add(1, 2)).hasMessage("code has 2 levels, expected 3");
    }

    private static long[] longs(StaticTrie trie, String name) {
        return trie.tensors().get(name).longs();
    }

    private static CodeRows rows(int levels, List<List<Integer>> codes) {
        CodeRows rows = new CodeRows(levels);
        codes.forEach(code -> rows.add(code.stream().mapToInt(Integer::intValue).toArray()));
        return rows;
    }

    private static List<List<Integer>> randomCodes(Random random, List<Integer> sizes, int draws) {
        List<List<Integer>> codes = new ArrayList<>();
        for (int i = 0; i < draws; i++) {
            codes.add(sizes.stream().map(random::nextInt).toList());
        }
        return codes;
    }

    /** Every prefix of every code, and for each one that differs in its last entry, which may lead to nothing. */
    private static Set<List<Integer>> prefixes(List<List<Integer>> codes, List<Integer> sizes, Random random) {
        Set<List<Integer>> prefixes = new LinkedHashSet<>();
        prefixes.add(List.of());
        for (List<Integer> code : codes) {
            for (int length = 1; length < code.size(); length++) {
                prefixes.add(code.subList(0, length));
                List<Integer> changed = new ArrayList<>(code.subList(0, length));
                changed.set(length - 1, random.nextInt(sizes.get(length - 1)));
                prefixes.add(changed);
            }
        }
        return prefixes;
    }

    /** A trie as a textbook has it. */
    private static final class PlainTrie {
        private final TreeMap<Integer, PlainTrie> children = new TreeMap<>();

        PlainTrie(List<List<Integer>> codes) {
            codes.forEach(this::add);
        }

        private void add(List<Integer> code) {
            if (!code.isEmpty()) {
                children.computeIfAbsent(code.get(0), entry -> new PlainTrie(List.of()))
                        .add(code.subList(1, code.size()));
            }
        }

        TreeSet<Integer> next(List<Integer> prefix) {
            if (prefix.isEmpty()) {
                return new TreeSet<>(children.keySet());
            }
            PlainTrie child = children.get(prefix.get(0));
            return child == null ? new TreeSet<>() : child.next(prefix.subList(1, prefix.size()));
        }

        List<Integer> maxBranches(int levels) {
            List<Integer> most = new ArrayList<>();
            List<PlainTrie> nodes = List.of(this);
            for (int level = 0; level < levels; level++) {
                most.add(nodes.stream()
                        .mapToInt(node -> node.children.size())
                        .max()
                        .orElse(0));
                nodes = nodes.stream()
                        .flatMap(node -> node.children.values().stream())
                        .toList();
            }
            return most;
        }
    }
}
