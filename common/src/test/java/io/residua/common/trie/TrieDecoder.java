package io.residua.common.trie;

import io.residua.common.safetensors.Safetensors;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Reads which entries may follow a prefix as a decoder does: the first two levels from tables, the others from CSR. */
final class TrieDecoder {
    private final int vocabulary;
    private final long[] packed;
    private final long[] indptr;
    private final long[] startMask;
    private final long[] denseMask;
    private final long[] denseStates;
    private final long[] maxBranches;

    TrieDecoder(Safetensors file) {
        packed = file.tensor("packed_csr").longs();
        indptr = file.tensor("csr_indptr").longs();
        startMask = file.tensor("start_mask").longs();
        denseMask = file.tensor("dense_mask").longs();
        denseStates = file.tensor("dense_states").longs();
        maxBranches = file.tensor("layer_max_branches").longs();
        vocabulary = startMask.length;
    }

    List<Integer> maxBranches() {
        return Arrays.stream(maxBranches).mapToObj(Math::toIntExact).toList();
    }

    TreeSet<Integer> next(List<Integer> prefix) {
        if (prefix.isEmpty()) {
            return set(startMask, 0);
        }
        if (startMask[prefix.get(0)] == 0) {
            return new TreeSet<>();
        }
        if (prefix.size() == 1) {
            TreeSet<Integer> dense = set(denseMask, prefix.get(0) * vocabulary);
            if (!dense.equals(edges(prefix.get(0) + 1))) {
                throw new AssertionError("table and edges differ after " + prefix);
            }
            return dense;
        }
        int cell = prefix.get(0) * vocabulary + prefix.get(1);
        long state = denseMask[cell] == 0 ? 0 : denseStates[cell];
        for (int level = 2; level < prefix.size() && state != 0; level++) {
            state = follow(state, prefix.get(level));
        }
        return state == 0 ? new TreeSet<>() : edges(state);
    }

    private long follow(long state, int entry) {
        for (long edge = indptr[(int) state]; edge < indptr[(int) state + 1]; edge++) {
            if (packed[(int) (2 * edge)] == entry) {
                return packed[(int) (2 * edge + 1)];
            }
        }
        return 0;
    }

    private TreeSet<Integer> edges(long state) {
        TreeSet<Integer> entries = new TreeSet<>();
        for (long edge = indptr[(int) state]; edge < indptr[(int) state + 1]; edge++) {
            entries.add((int) packed[(int) (2 * edge)]);
        }
        return entries;
    }

    private TreeSet<Integer> set(long[] mask, int offset) {
        TreeSet<Integer> entries = new TreeSet<>();
        for (int entry = 0; entry < vocabulary; entry++) {
            if (mask[offset + entry] != 0) {
                entries.add(entry);
            }
        }
        return entries;
    }
}
