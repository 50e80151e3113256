package io.residua.indexer.export;

import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import io.residua.common.trie.CodeRows;
import io.residua.common.trie.StaticTrie;
import io.residua.common.trie.TrieMetadata;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A trie as a file, and the codes that are in one. It holds no item ids. */
final class TrieFile {
    private TrieFile() {}

    /**
     * Writes the trie of some codes; what was there is replaced in one step.
     *
     * @param vocabulary the size of each level's axis; 0 for the largest codebook's
     * @throws IllegalArgumentException if there can be no such trie
     */
    static void write(Exported exported, TrieMetadata metadata, int vocabulary, Path file) throws IOException {
        if (exported.size() > 0 && exported.levels() != metadata.codebookSizes().size()) {
            throw new IllegalArgumentException("the codes have " + exported.levels()
                    + " levels, expected as many codebook sizes, not "
                    + metadata.codebookSizes().size());
        }
        CodeRows codes = new CodeRows(metadata.codebookSizes().size());
        for (int item = 0; item < exported.size(); item++) {
            codes.add(exported.codes(), item * exported.levels());
        }
        StaticTrie trie = StaticTrie.of(
                codes, metadata.codebookSizes(), vocabulary == 0 ? metadata.largestCodebook() : vocabulary);
        trie.write(file, metadata);
    }

    /**
     * The codes of a trie, ascending.
     *
     * @throws IOException naming the file, if it is no such trie
     */
    static Exported read(Path file) throws IOException {
        Safetensors content = Safetensors.read(file);
        try {
            int levels = Integer.parseInt(String.valueOf(content.metadata().get("levels")));
            IntBuffer edges = ints(content, "packed_csr");
            IntBuffer firsts = ints(content, "csr_indptr");
            int vocabulary = content.tensor("start_mask").size();
            CodeRows codes = new CodeRows(levels);
            int[] code = new int[levels];
            for (int entry = 0; entry < vocabulary; entry++) {
                code[0] = entry;
                descend(edges, firsts, entry + 1, 1, code, codes);
            }
            int[] rows = new int[codes.size() * levels];
            for (int k = 0; k < rows.length; k++) {
                rows[k] = codes.get(k / levels, k % levels);
            }
            return Exported.ofCodes(levels, rows, sizes(content));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(file + " is no trie: " + e.getMessage(), e);
        }
    }

    private static void descend(IntBuffer edges, IntBuffer firsts, int state, int level, int[] code, CodeRows codes) {
        for (int edge = firsts.get(state); edge < firsts.get(state + 1); edge++) {
            code[level] = edges.get(2 * edge);
            if (level + 1 == code.length) {
                codes.add(code, 0);
            } else {
                descend(edges, firsts, edges.get(2 * edge + 1), level + 1, code, codes);
            }
        }
    }

    private static IntBuffer ints(Safetensors content, String name) {
        Tensor tensor = content.tensor(name);
        if (tensor.dtype() != DType.I32) {
            throw new IllegalArgumentException("'" + name + "' is " + tensor.dtype() + ", expected I32");
        }
        return tensor.bytes().asIntBuffer();
    }

    /** The sizes of the codebooks, if the file says them. */
    private static Optional<TrieMetadata> sizes(Safetensors content) {
        String text = content.metadata().get("codebook_sizes");
        if (text == null) {
            return Optional.empty();
        }
        List<Integer> sizes = new ArrayList<>();
        for (String size : text.replaceAll("[\\[\\] ]", "").split(",", -1)) {
            sizes.add(Integer.valueOf(size));
        }
        return Optional.of(TrieMetadata.of(sizes));
    }
}
