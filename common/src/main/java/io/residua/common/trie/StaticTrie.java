package io.residua.common.trie;

import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The set of codes that exist, as the arrays that a decoder on an accelerator takes: which next entries lead to an item?
 * The layout is that of STATIC (Su et al., 2026, arXiv 2602.22647): tables for the first two levels, one CSR matrix for
 * the others. The same codes in any order give the same bytes. Immutable.
 *
 * <p>A state is a prefix: 0 the end, {@code t + 1} the first entry {@code t}, from {@code V + 1} on the prefixes of length
 * 2 to L−1, level by level, each level in ascending order. An edge leads from a prefix by an entry to the longer prefix,
 * or to 0 when the code is complete. With E edges, S states, L levels and a vocabulary of V:
 *
 * <ul>
 *   <li>{@code packed_csr}, int32 [E + V, 2]: next entry and next state per edge, then V rows (V, 0) as padding
 *   <li>{@code csr_indptr}, int32 [S + 2]: first edge per state, then E, then E + V
 *   <li>{@code start_mask}, bool [V]: first entries that exist
 *   <li>{@code dense_mask}, bool [V, V], and {@code dense_states}, int32 [V, V]: the first two entries that exist and
 *       their states
 *   <li>{@code layer_max_branches}, int32 [L]: most children of any prefix, per length of the prefix from 0 on
 * </ul>
 */
public final class StaticTrie {
    /** Levels that have a table. */
    public static final int DENSE_LEVELS = 2;

    /** Largest vocabulary: {@code dense_states} must stay below 2 GiB. */
    public static final int MAX_VOCABULARY = 23_170;

    private final int levels;
    private final int vocabulary;
    private final int items;
    private final Map<String, Tensor> tensors;

    StaticTrie(int levels, int vocabulary, int items, Map<String, Tensor> tensors) {
        this.levels = levels;
        this.vocabulary = vocabulary;
        this.items = items;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * The trie of some codes.
     *
     * @param codes in any order; one that is there several times counts once
     * @param codebookSizes entries per level; every code is checked against them
     * @param vocabulary V: at least the largest codebook
     * @throws IllegalArgumentException if there are fewer than three levels (the layout has two of tables and at least one
     *     of edges), or if a size or a code is out of range
     */
    public static StaticTrie of(CodeRows codes, List<Integer> codebookSizes, int vocabulary) {
        requireShape(codes, codebookSizes, vocabulary);
        requireEntries(codes, codebookSizes);
        return new TrieBuilder(codes.sortedDistinct(vocabulary), vocabulary).build();
    }

    private static void requireShape(CodeRows codes, List<Integer> codebookSizes, int vocabulary) {
        if (codes.levels() != codebookSizes.size()) {
            throw new IllegalArgumentException(
                    "codes have " + codes.levels() + " levels, expected " + codebookSizes.size());
        }
        if (codes.levels() <= DENSE_LEVELS) {
            throw new IllegalArgumentException("codes have " + codes.levels() + " levels, a trie needs at least "
                    + (DENSE_LEVELS + 1) + ": " + DENSE_LEVELS + " of tables and one of edges");
        }
        int largest = Collections.max(codebookSizes);
        if (largest > MAX_VOCABULARY) {
            throw new IllegalArgumentException(
                    "a codebook has " + largest + " entries, a trie takes at most " + MAX_VOCABULARY);
        }
        if (vocabulary < largest || vocabulary > MAX_VOCABULARY) {
            throw new IllegalArgumentException("vocabulary is " + vocabulary + ", expected " + largest
                    + " (the largest codebook) to " + MAX_VOCABULARY);
        }
    }

    private static void requireEntries(CodeRows codes, List<Integer> codebookSizes) {
        for (int level = 0; level < codes.levels(); level++) {
            int size = codebookSizes.get(level);
            for (int row = 0; row < codes.size(); row++) {
                int entry = codes.get(row, level);
                if (entry < 0 || entry >= size) {
                    throw new IllegalArgumentException("code " + row + " has entry " + entry + " at level "
                            + (level + 1) + ", expected 0 to " + (size - 1));
                }
            }
        }
    }

    /** L: entries per code. */
    public int levels() {
        return levels;
    }

    /** V: the size of every level's axis. */
    public int vocabulary() {
        return vocabulary;
    }

    /** Number of distinct codes. */
    public int items() {
        return items;
    }

    /** The arrays by name, in the order they are written in: int32 first, so that all are aligned in the file. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * Writes a safetensors file; what was there is replaced in one step.
     *
     * @param metadata where the codes come from
     */
    public void write(Path file, TrieMetadata metadata) throws IOException {
        Safetensors.write(file, tensors, metadata.texts(this));
    }
}
