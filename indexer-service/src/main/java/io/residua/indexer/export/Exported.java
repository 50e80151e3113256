package io.residua.indexer.export;

import io.residua.common.index.ItemIndex;
import io.residua.common.trie.TrieMetadata;
import java.util.List;
import java.util.Optional;

/**
 * What is exported.
 *
 * @param ids per item its id; absent where only the codes are known
 * @param levels entries per code; 0 only without items
 * @param codes row-major [items × levels]
 * @param metadata where they come from; absent where not even the codebooks' sizes are known
 */
record Exported(Optional<List<String>> ids, int levels, int[] codes, Optional<TrieMetadata> metadata) {
    /** Items of which nothing else is known. */
    static Exported of(ItemIndex index) {
        return new Exported(Optional.of(index.ids()), index.levels(), index.codes(), Optional.empty());
    }

    /** Codes without items. */
    static Exported ofCodes(int levels, int[] codes, Optional<TrieMetadata> metadata) {
        return new Exported(Optional.empty(), levels, codes, metadata);
    }

    int size() {
        return levels == 0 ? 0 : codes.length / levels;
    }
}
