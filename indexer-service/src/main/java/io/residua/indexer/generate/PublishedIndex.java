package io.residua.indexer.generate;

import io.residua.common.index.CodeTable;
import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import io.residua.common.quantise.Codebooks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** An index that others use already: its codes stay what they are, new items are added. */
final class PublishedIndex {
    /** A row's number as {@code generate} writes it. */
    private static final Pattern NUMBER = Pattern.compile("0|[1-9]\\d{0,17}");

    private final Path file;
    private final ItemIndex items;

    private PublishedIndex(Path file, ItemIndex items) {
        this.file = file;
        this.items = items;
    }

    /** None: the index is a new one. */
    static PublishedIndex none() {
        return new PublishedIndex(null, new ItemIndex(List.of(), 0, new int[0]));
    }

    /**
     * Reads an index.
     *
     * @throws IOException naming the file and the item, if it is no index, two items share a code, or a code is none of
     *     the model's
     */
    static PublishedIndex read(Path file, Codebooks codebooks) throws IOException {
        ItemIndex items = IndexFile.read(file);
        if (items.size() > 0 && items.levels() != codebooks.levels()) {
            throw new IOException(file + " is an index of another model: its codes have " + items.levels()
                    + " levels, the model has " + codebooks.levels());
        }
        CodeTable table = new CodeTable(items.levels());
        for (int item = 0; item < items.size(); item++) {
            int[] code = items.code(item);
            for (int level = 0; level < code.length; level++) {
                if (code[level] >= codebooks.size(level)) {
                    throw new IOException(file + " is an index of another model: item '"
                            + items.ids().get(item) + "' has code "
                            + code[level] + " at level " + level + ", where the model has "
                            + codebooks.size(level) + " entries");
                }
            }
            int number = table.add(code, 0);
            if (number < item) {
                throw new IOException(file + ": items '" + items.ids().get(number) + "' and '"
                        + items.ids().get(item) + "' share a code, expected an index without collisions");
            }
        }
        return new PublishedIndex(file, items);
    }

    ItemIndex items() {
        return items;
    }

    /**
     * Checks that none of the new items is there already.
     *
     * @throws IOException naming the first that is
     */
    void requireNew(List<String> ids) throws IOException {
        Set<String> published = new HashSet<>(items.ids());
        for (String id : ids) {
            if (published.contains(id)) {
                throw new IOException("item '" + id + "' of --ids is in " + file + " already");
            }
        }
    }

    /**
     * Ids of new rows that have none: numbers that go on after the largest one.
     *
     * @throws IOException if an item's id is no number and there are new rows
     */
    List<String> nextNumbers(int rows) throws IOException {
        if (rows == 0) {
            return List.of();
        }
        long next = 0;
        for (String id : items.ids()) {
            if (!NUMBER.matcher(id).matches()) {
                throw new IOException(
                        file + " has item '" + id + "', which is no row's number: name the new items with --ids");
            }
            next = Math.max(next, Long.parseLong(id) + 1);
        }
        long first = next;
        return new AbstractList<>() {
            @Override
            public String get(int index) {
                return Long.toString(first + index);
            }

            @Override
            public int size() {
                return rows;
            }
        };
    }
}
