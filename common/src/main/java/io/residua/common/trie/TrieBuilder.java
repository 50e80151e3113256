package io.residua.common.trie;

import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fills a trie's arrays in one pass over sorted codes. A code begins a new prefix of every length beyond the first level
 * at which it differs from the code before; each new prefix is one edge and, unless it is complete, one state.
 */
final class TrieBuilder {
    private final CodeRows codes;
    private final int levels;
    private final int vocabulary;
    /** Per length from 0 on: the next edge that leaves a prefix of that length. */
    private final int[] nextEdge;
    /** Per length from 0 on: the next state of a prefix of that length; 0 for complete codes. */
    private final int[] nextState;
    /** Per length from 0 on: children so far of the current prefix of that length. */
    private final int[] branches;

    private final int[] maxBranches;
    private final int edges;
    private final int[] indptr;
    private final ByteBuffer packedBytes;
    private final IntBuffer packed;
    private final byte[] startMask;
    private final byte[] denseMask;
    private final ByteBuffer denseBytes;
    private final IntBuffer denseStates;
    /** States of first entries whose {@code indptr} is set. */
    private int firstStates;

    /** For distinct codes in ascending order, every entry less than {@code vocabulary}. */
    TrieBuilder(CodeRows codes, int vocabulary) {
        this.codes = codes;
        this.levels = codes.levels();
        this.vocabulary = vocabulary;
        nextEdge = new int[levels];
        nextState = new int[levels + 1];
        branches = new int[levels];
        maxBranches = new int[levels];
        long[] prefixes = prefixes();
        long edgeCount = 0;
        long states = vocabulary + 1L;
        for (int length = 1; length < levels; length++) {
            nextEdge[length] = Math.toIntExact(edgeCount);
            edgeCount += prefixes[length + 1];
            if (length > 1) {
                nextState[length] = Math.toIntExact(states);
                states += prefixes[length];
            }
        }
        edges = Math.toIntExact(edgeCount);
        indptr = new int[Math.toIntExact(states + 2)];
        packedBytes = ints((edgeCount + vocabulary) * 2);
        packed = packedBytes.asIntBuffer();
        startMask = new byte[vocabulary];
        denseMask = new byte[vocabulary * vocabulary];
        denseBytes = ints((long) vocabulary * vocabulary);
        denseStates = denseBytes.asIntBuffer();
    }

    private static ByteBuffer ints(long count) {
        return ByteBuffer.allocate(Math.toIntExact(count * Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Number of distinct prefixes per length from 0 to L. */
    private long[] prefixes() {
        long[] prefixes = new long[levels + 1];
        for (int row = 0; row < codes.size(); row++) {
            for (int length = firstDifference(row) + 1; length <= levels; length++) {
                prefixes[length]++;
            }
        }
        return prefixes;
    }

    private int firstDifference(int row) {
        return row == 0 ? 0 : codes.firstDifference(row, codes, row - 1);
    }

    StaticTrie build() {
        for (int row = 0; row < codes.size(); row++) {
            add(row, firstDifference(row));
        }
        startFirstStates(vocabulary);
        indptr[indptr.length - 2] = edges;
        indptr[indptr.length - 1] = edges + vocabulary;
        for (int row = edges; row < edges + vocabulary; row++) {
            packed.put(2 * row, vocabulary);
        }
        return new StaticTrie(levels, vocabulary, codes.size(), tensors());
    }

    private void add(int row, int firstDifference) {
        for (int level = firstDifference; level < levels; level++) {
            int entry = codes.get(row, level);
            maxBranches[level] = Math.max(maxBranches[level], ++branches[level]);
            if (level == 0) {
                startMask[entry] = 1;
                startFirstStates(entry + 1);
            } else {
                addEdge(row, level, entry);
            }
            if (level + 1 < levels) {
                branches[level + 1] = 0;
            }
        }
    }

    /** The prefix of length {@code level + 1} is new: the edge to it, and where its own edges begin. */
    private void addEdge(int row, int level, int entry) {
        int length = level + 1;
        int state = 0;
        if (length < levels) {
            state = nextState[length]++;
            indptr[state] = nextEdge[length];
        }
        int edge = nextEdge[level]++;
        packed.put(2 * edge, entry);
        packed.put(2 * edge + 1, state);
        if (length == StaticTrie.DENSE_LEVELS) {
            int cell = codes.get(row, 0) * vocabulary + entry;
            denseMask[cell] = 1;
            denseStates.put(cell, state);
        }
    }

    /** Sets where the edges begin of all states up to {@code state}, which is a first entry's. */
    private void startFirstStates(int state) {
        while (firstStates < state) {
            indptr[++firstStates] = nextEdge[1];
        }
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("packed_csr", new Tensor(DType.I32, packedBytes, edges + vocabulary, 2));
        tensors.put("csr_indptr", Tensor.of(indptr, indptr.length));
        tensors.put("dense_states", new Tensor(DType.I32, denseBytes, vocabulary, vocabulary));
        tensors.put("layer_max_branches", Tensor.of(maxBranches, levels));
        tensors.put("dense_mask", new Tensor(DType.BOOL, ByteBuffer.wrap(denseMask), vocabulary, vocabulary));
        tensors.put("start_mask", new Tensor(DType.BOOL, ByteBuffer.wrap(startMask), vocabulary));
        return tensors;
    }
}
