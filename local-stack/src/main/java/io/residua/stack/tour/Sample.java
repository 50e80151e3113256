package io.residua.stack.tour;

import io.residua.common.io.Sha256;
import io.residua.common.npy.NpyFile;
import io.residua.stack.StackException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Items with their embeddings, from {@code items.tsv} (id, title and text of one item a line, separated by tabs) and
 * {@code embeddings.f16.npy} (row i belongs to line i). The last items are held back; the tour sends them later as new
 * items.
 */
public final class Sample {
    /** Maximum number of items held back. Of a small sample, a fifth is held back. */
    static final int HELD_BACK = 200;

    private static final int MIN_ITEMS = 10;

    private final List<Item> items;
    private final float[] vectors;
    private final int dim;
    private final String sha256;

    /** {@code vectors} is row-major, one row of {@code dim} floats per item. */
    Sample(List<Item> items, float[] vectors, int dim, String sha256) {
        this.items = List.copyOf(items);
        this.vectors = vectors;
        this.dim = dim;
        this.sha256 = sha256;
    }

    /** One line of {@code items.tsv}. */
    record Item(String id, String title, String text) {}

    /**
     * Reads a sample.
     *
     * @throws StackException saying which file is missing or what is wrong with it
     */
    public static Sample read(Path folder) {
        Path table = folder.resolve("items.tsv");
        Path matrix = folder.resolve("embeddings.f16.npy");
        try (NpyFile npy = open(matrix)) {
            List<Item> items = readItems(table);
            if (items.size() != npy.rows()) {
                throw new StackException(
                        table + " has " + items.size() + " lines, but " + matrix + " has " + npy.rows() + " rows");
            }
            float[] vectors = new float[Math.multiplyExact(items.size(), npy.dim())];
            npy.readRows(0, items.size(), vectors, 0);
            String checksums = Sha256.of(table) + Sha256.of(matrix);
            return new Sample(items, vectors, npy.dim(), Sha256.of(checksums.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            throw new StackException("cannot read the sample in " + folder + ": " + e, e);
        }
    }

    private static NpyFile open(Path matrix) throws IOException {
        if (!Files.isRegularFile(matrix)) {
            throw new StackException("no sample: " + matrix + " does not exist");
        }
        return NpyFile.open(matrix);
    }

    private static List<Item> readItems(Path table) throws IOException {
        List<Item> items = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (String line : Files.readAllLines(table)) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 3 || fields[0].isEmpty()) {
                throw new StackException(
                        table + ", line " + (items.size() + 1) + ": expected id, title and text, separated by tabs");
            }
            if (!ids.add(fields[0])) {
                throw new StackException(table + ", line " + (items.size() + 1) + ": second item " + fields[0]);
            }
            items.add(new Item(fields[0], fields[1], fields[2]));
        }
        if (items.size() < MIN_ITEMS) {
            throw new StackException(table + " has " + items.size() + " items, expected at least " + MIN_ITEMS);
        }
        return items;
    }

    int size() {
        return items.size();
    }

    int dim() {
        return dim;
    }

    /** Index of the first item that is held back. All later items are held back, too. */
    int firstHeldBack() {
        return size() - Math.min(HELD_BACK, size() / 5);
    }

    int heldBack() {
        return size() - firstHeldBack();
    }

    Item item(int index) {
        return items.get(index);
    }

    List<Item> items() {
        return items;
    }

    float[] vector(int index) {
        return Arrays.copyOfRange(vectors, index * dim, (index + 1) * dim);
    }

    /** All embeddings, row-major; not to be changed. */
    float[] vectors() {
        return vectors;
    }

    /** SHA-256 of the sample's files in lower-case hexadecimal. */
    String sha256() {
        return sha256;
    }
}
