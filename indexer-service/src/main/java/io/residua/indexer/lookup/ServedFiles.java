package io.residua.indexer.lookup;

import io.residua.common.index.IndexWriter;
import io.residua.common.io.DurableFiles;
import io.residua.common.trie.CodeRows;
import io.residua.common.trie.StaticTrie;
import io.residua.common.trie.TrieMetadata;
import io.residua.indexer.generation.GenerationListener.OpenedGeneration;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/**
 * The index file and the trie of a generation, built when they are asked for and kept until the model has moved on. Those
 * who ask at the same time share one build.
 */
final class ServedFiles {
    private static final String INDEX = "index.json";
    private static final String TRIE = "trie.safetensors";

    private final Path folder;
    private final OpenedGeneration generation;
    private final Map<String, Built> built = new HashMap<>();

    /** A file that has been built: of which rows, and from which parameter. */
    private record Built(ReadPosition position, int parameter) {}

    /**
     * A file that is read although it may be replaced meanwhile.
     *
     * @param position how far it is
     * @param bytes its size
     */
    record Content(ReadPosition position, long bytes, InputStream stream) {}

    ServedFiles(Path folder, OpenedGeneration generation) {
        this.folder = folder;
        this.generation = generation;
    }

    /** The index in the form of the Python scripts: tokens by item id, in the order of the codes. No code is there twice. */
    Content index(ReadModel model) {
        return content(model, INDEX, 0, this::writeIndex);
    }

    /** The trie over {@code vocabulary} entries per level; the generation has at least three levels. */
    Content trie(ReadModel model, int vocabulary) {
        return content(model, TRIE, vocabulary, (snapshot, file) -> writeTrie(snapshot, vocabulary, file));
    }

    private interface Writer {
        void write(ReadModelSnapshot snapshot, Path file) throws IOException, RocksDBException;
    }

    private Content content(ReadModel model, String name, int parameter, Writer writer) {
        ReadPosition wanted = model.position();
        // One build at a time: who has waited takes what was built meanwhile, if it is new enough.
        synchronized (built) {
            Path file = folder.resolve(name);
            try {
                Built last = built.get(name);
                if (last == null
                        || last.parameter() != parameter
                        || !last.position().covers(wanted)) {
                    built.remove(name);
                    ReadPosition position = model.snapshot(snapshot -> {
                        writer.write(snapshot, file);
                        return snapshot.position();
                    });
                    last = new Built(position, parameter);
                    built.put(name, last);
                }
                return new Content(last.position(), Files.size(file), Files.newInputStream(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void writeIndex(ReadModelSnapshot snapshot, Path file) throws IOException, RocksDBException {
        Path part = DurableFiles.beside(file);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part));
                IndexWriter index = new IndexWriter(out, generation.codebookSizes())) {
            snapshot.forEachCode((itemId, code) -> index.add(HeldItem.id(itemId), code, 0));
        }
        DurableFiles.moveInto(part, file);
    }

    private void writeTrie(ReadModelSnapshot snapshot, int vocabulary, Path file) throws IOException, RocksDBException {
        List<Integer> sizes = generation.codebookSizes();
        CodeRows codes = new CodeRows(sizes.size());
        snapshot.forEachCode((itemId, code) -> codes.add(code));
        TrieMetadata metadata = new TrieMetadata(
                Optional.of(generation.modelVersion()),
                sizes,
                snapshot.position().offsets());
        StaticTrie.of(codes, sizes, vocabulary).write(file, metadata);
    }

    /** What has been built is of no model any more. */
    void forget() {
        synchronized (built) {
            built.clear();
        }
    }

    /** The smallest vocabulary of the trie. */
    int smallestVocabulary() {
        return Collections.max(generation.codebookSizes());
    }
}
