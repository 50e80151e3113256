package io.residua.indexer.verify;

import java.util.EnumMap;
import java.util.Map;

/** How often something could not be judged, by cause. */
final class NotJudged {
    private final Map<Cause, Long> counts = new EnumMap<>(Cause.class);

    /** Why something could not be judged. */
    enum Cause {
        CHANGED_MEANWHILE("items that changed while they were read"),
        SOURCE_RECORD_GONE("items whose code is of an embedding that compaction has removed"),
        CHANGE_WITHOUT_SOURCE_RECORD("changes of a code, one of whose embeddings compaction has removed"),
        ORDER_UNCLEAR("items with records in several partitions, whose timestamps contradict their offsets"),
        LETTER_MAY_BE_GONE("refusals without a dead letter, where retention has removed some");

        private final String description;

        Cause(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    void add(Cause cause) {
        counts.merge(cause, 1L, Long::sum);
    }

    void addAll(NotJudged others) {
        others.counts.forEach((cause, count) -> counts.merge(cause, count, Long::sum));
    }

    Map<Cause, Long> counts() {
        return counts;
    }
}
