package io.residua.trainer.job;

import java.util.ArrayList;
import java.util.List;

/**
 * The reasons of an event. They quote requests, which may be as large as a record: what is quoted, each reason and their
 * number are bounded, so that an event stays below 32 KiB. They hold no control character and no half of a surrogate
 * pair, which UTF-8 cannot express.
 */
final class Reasons {
    /** Most characters of a request's text that a reason quotes. */
    static final int MAX_QUOTED = 200;

    private static final int MAX_REASONS = 20;
    private static final int MAX_REASON_LENGTH = 500;
    private static final int REPLACEMENT = 0xFFFD;

    private Reasons() {}

    /** The text itself, or its beginning if it is long. */
    static String quoted(String text) {
        return text.length() <= MAX_QUOTED
                ? text
                : text.substring(0, MAX_QUOTED) + "… (" + text.length() + " characters)";
    }

    /** The first of these reasons, each cut if it is long; the last one says how many were left out. */
    static List<String> bounded(List<String> reasons) {
        int kept = reasons.size() <= MAX_REASONS ? reasons.size() : MAX_REASONS - 1;
        List<String> bounded = new ArrayList<>();
        reasons.subList(0, kept).forEach(reason -> bounded.add(cut(reason)));
        if (kept < reasons.size()) {
            bounded.add("and " + (reasons.size() - kept) + " more reasons");
        }
        return bounded;
    }

    private static String cut(String reason) {
        boolean whole = reason.length() <= MAX_REASON_LENGTH;
        StringBuilder cut = new StringBuilder();
        (whole ? reason : reason.substring(0, MAX_REASON_LENGTH)).codePoints().forEach(character -> {
            boolean writable =
                    !Character.isISOControl(character) && Character.getType(character) != Character.SURROGATE;
            cut.appendCodePoint(writable ? character : REPLACEMENT);
        });
        return whole ? cut.toString() : cut.append('…').toString();
    }
}
