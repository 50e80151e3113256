package io.residua.common.event;

import java.util.ArrayList;
import java.util.List;

/**
 * The textual form of semantic IDs that generative recommenders put into their vocabulary: one token per level,
 * {@code <a_151> <b_51> <c_56> <d_210>}.
 */
public final class SemanticIds {
    /** Levels that have a letter. */
    public static final int MAX_LEVELS = 26;

    private SemanticIds() {}

    /**
     * The token of an entry.
     *
     * @param level 0 for the coarsest
     * @param code the entry's index in that level's codebook
     */
    public static String token(int level, int code) {
        if (level < 0 || level >= MAX_LEVELS) {
            throw new IllegalArgumentException("level is " + level + ", expected 0 to " + (MAX_LEVELS - 1));
        }
        if (code < 0) {
            throw new IllegalArgumentException("code is " + code + ", expected at least 0");
        }
        return "<" + (char) ('a' + level) + "_" + code + ">";
    }

    /** The tokens of a full code, coarsest level first. */
    public static List<String> tokens(List<Integer> codes) {
        List<String> tokens = new ArrayList<>(codes.size());
        for (int level = 0; level < codes.size(); level++) {
            tokens.add(token(level, codes.get(level)));
        }
        return tokens;
    }
}
