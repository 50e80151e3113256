package io.residua.samples;

import static java.util.Objects.requireNonNull;

/**
 * One line of a sample.
 *
 * @param id stable across runs
 * @param title a few words for people
 * @param text what is embedded
 */
record Item(String id, String title, String text) {
    Item {
        requireField("id", id);
        requireField("title", title);
        requireField("text", text);
    }

    /** The item as a line of {@code items.tsv}, without its end. */
    String toLine() {
        return id + '\t' + title + '\t' + text;
    }

    private static void requireField(String name, String value) {
        requireNonNull(value, () -> name + " is null");
        if (value.isBlank() || value.chars().anyMatch(c -> c == '\t' || c == '\n' || c == '\r')) {
            throw new IllegalArgumentException(name + " is '" + value + "', expected one line of text without tabs");
        }
    }
}
