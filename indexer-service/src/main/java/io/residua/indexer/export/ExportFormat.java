package io.residua.indexer.export;

import java.util.Locale;

/** What can be written. */
enum ExportFormat {
    /** The index file of the Python scripts. */
    JSON("index.json"),
    /** One line per item. */
    CSV("index.csv"),
    /** The codes for constrained decoding, without the items. */
    TRIE("trie.safetensors");

    private final String defaultFile;

    ExportFormat(String defaultFile) {
        this.defaultFile = defaultFile;
    }

    /** The file's name where none is given. */
    String defaultFile() {
        return defaultFile;
    }

    /** The name as in the option. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private String extension() {
        return defaultFile.substring(defaultFile.indexOf('.'));
    }

    /**
     * The format that a file's name stands for.
     *
     * @throws IllegalArgumentException if it stands for none
     */
    static ExportFormat ofName(String name) {
        for (ExportFormat format : values()) {
            if (name.endsWith(format.extension())) {
                return format;
            }
        }
        throw new IllegalArgumentException(
                "--format is missing, and " + name + " does not end in .json, .csv or .safetensors");
    }
}
