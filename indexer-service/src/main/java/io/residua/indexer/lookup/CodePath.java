package io.residua.indexer.lookup;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A code, or the beginning of one, as paths have it: {@code 151_51_56_210}. */
final class CodePath {
    private static final Pattern TEXT = Pattern.compile("\\d{1,9}(_\\d{1,9})*");

    private CodePath() {}

    /** The entries; nothing unless they are decimal numbers joined by underscores, {@code min} to {@code max} of them. */
    static Optional<int[]> parse(String text, int min, int max) {
        if (!TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        int[] entries = Stream.of(text.split("_")).mapToInt(Integer::parseInt).toArray();
        return entries.length < min || entries.length > max ? Optional.empty() : Optional.of(entries);
    }

    /** The number that a text is; −1 unless it is one from {@code min} to {@code max}, which are not negative. */
    static int number(String text, int min, int max) {
        return parse(text, 1, 1)
                .map(only -> only[0])
                .filter(n -> n >= min && n <= max)
                .orElse(-1);
    }

    /** Whether every entry is one of its codebook. */
    static boolean isWithin(int[] entries, List<Integer> codebookSizes) {
        for (int level = 0; level < entries.length; level++) {
            if (entries[level] >= codebookSizes.get(level)) {
                return false;
            }
        }
        return true;
    }
}
