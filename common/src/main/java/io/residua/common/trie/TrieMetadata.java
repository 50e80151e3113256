package io.residua.common.trie;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Where a trie's codes come from.
 *
 * @param modelVersion the model that made them, if it is known
 * @param codebookSizes entries per level, coarsest first
 * @param offsets per partition of the codes topic, the offset below which every record is in the trie; empty if the codes
 *     come from elsewhere
 */
public record TrieMetadata(
        Optional<String> modelVersion, List<Integer> codebookSizes, SortedMap<Integer, Long> offsets) {
    public TrieMetadata {
        requireNonNull(modelVersion, "modelVersion is null");
        codebookSizes = List.copyOf(codebookSizes);
        if (codebookSizes.isEmpty() || codebookSizes.stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "codebook sizes are " + codebookSizes + ", expected at least one, each at least 1");
        }
        offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
    }

    /** Codes of which only the codebooks are known. */
    public static TrieMetadata of(List<Integer> codebookSizes) {
        return new TrieMetadata(Optional.empty(), codebookSizes, new TreeMap<>());
    }

    /** Entries of the largest codebook: the smallest vocabulary that the codes fit in. */
    public int largestCodebook() {
        return Collections.max(codebookSizes);
    }

    /** The texts that the file carries: numbers in decimal, lists and maps as JSON. */
    Map<String, String> texts(StaticTrie trie) {
        Map<String, String> texts = new LinkedHashMap<>();
        modelVersion.ifPresent(version -> texts.put("model_version", version));
        texts.put("levels", Integer.toString(trie.levels()));
        texts.put("codebook_sizes", codebookSizes.toString());
        texts.put("items", Integer.toString(trie.items()));
        texts.put("vocab_size", Integer.toString(trie.vocabulary()));
        texts.put("d", Integer.toString(StaticTrie.DENSE_LEVELS));
        if (!offsets.isEmpty()) {
            texts.put(
                    "offsets",
                    offsets.entrySet().stream()
                            .map(entry -> "\"" + entry.getKey() + "\": " + entry.getValue())
                            .collect(Collectors.joining(", ", "{", "}")));
        }
        return texts;
    }
}
