package io.residua.indexer.verify;

import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.verify.LetterHistory.SourceOffset;
import io.residua.indexer.verify.NotJudged.Cause;
import io.residua.indexer.wire.SourcePosition;
import java.util.Map;

/**
 * Compares what each item has with what it must have: the code of its newest embedding, or a dead letter that says why
 * not; no code if it is deleted. An item that has changed since the source's ends were captured is not judged.
 */
final class ItemCheck {
    /** Reason of the encode stage that cannot be found out without the model. */
    static final String OUT_OF_RANGE = "out-of-range";

    private final SourceHistory source;
    private final CodeHistory codes;
    private final LetterHistory letters;
    private final KeyIndex items;
    private final Map<Integer, Long> sourceEnds;
    private final Violations violations;
    private final NotJudged notJudged;
    private long live;
    private long coded;
    private long refused;
    private long deleted;

    ItemCheck(
            SourceHistory source,
            CodeHistory codes,
            LetterHistory letters,
            KeyIndex items,
            Map<Integer, Long> sourceEnds,
            Violations violations,
            NotJudged notJudged) {
        this.source = source;
        this.codes = codes;
        this.letters = letters;
        this.items = items;
        this.sourceEnds = sourceEnds;
        this.violations = violations;
        this.notJudged = notJudged;
    }

    void run() {
        for (int item = 0; item < items.size(); item++) {
            check(item);
        }
        for (int row = 0; row < source.size(); row++) {
            checkLetter(row);
        }
    }

    private void check(int item) {
        int row = codes.latest(item);
        boolean hasCode = row != CodeHistory.NONE && codes.code(row) != CodeHistory.NONE;
        int newest = source.newest(item);
        if (hasChangedMeanwhile(item, row)) {
            notJudged.add(Cause.CHANGED_MEANWHILE);
        } else if (newest == SourceHistory.UNCLEAR) {
            notJudged.add(Cause.ORDER_UNCLEAR);
        } else if (newest == SourceHistory.NONE) {
            if (hasCode) {
                notJudged.add(Cause.SOURCE_RECORD_GONE);
            }
        } else if (source.isEmbedding(newest)) {
            live++;
            checkLive(item, row, hasCode, newest);
        } else {
            deleted++;
            if (hasCode) {
                violations.add(
                        ViolationKind.DELETED_ITEM_HAS_CODE,
                        items.get(item),
                        codes.describe(row) + ", expected none: deleted at " + place(newest));
            }
        }
    }

    private void checkLive(int item, int row, boolean hasCode, int newest) {
        SourcePosition position = source.position(newest);
        if (hasCode) {
            coded++;
        }
        if (hasCode && isOfEmbedding(row, newest)) {
            return;
        }
        if (letters.has(position.partition(), position.offset(), DeadLetters.CODE_SPACE_FULL)
                || letters.has(position.partition(), position.offset(), OUT_OF_RANGE)) {
            refused++;
        } else if (letters.mayBeGone(position.timestamp())) {
            notJudged.add(Cause.LETTER_MAY_BE_GONE);
        } else if (!hasCode) {
            violations.add(
                    ViolationKind.MISSING_CODE,
                    items.get(item),
                    "no code and no dead letter, expected one of the two for embedding " + place(newest));
        } else if (codes.sourceRow(row) == SourceHistory.NONE) {
            notJudged.add(Cause.SOURCE_RECORD_GONE);
        } else {
            violations.add(
                    ViolationKind.OUTDATED_CODE,
                    items.get(item),
                    codes.describe(row) + ", expected a code or a dead letter for embedding " + place(newest));
        }
    }

    /** Whether a row's code is that of an embedding, or of an equal one. */
    private boolean isOfEmbedding(int row, int newest) {
        int from = codes.sourceRow(row);
        return from == newest
                || (from != SourceHistory.NONE
                        && source.isEmbedding(from)
                        && source.fingerprint(from) == source.fingerprint(newest));
    }

    private void checkLetter(int row) {
        String reason = source.reason(row);
        if (reason == null) {
            return;
        }
        SourcePosition position = source.position(row);
        if (letters.has(position.partition(), position.offset(), reason)) {
            return;
        }
        if (letters.mayBeGone(position.timestamp())) {
            notJudged.add(Cause.LETTER_MAY_BE_GONE);
        } else {
            violations.add(
                    ViolationKind.MISSING_LETTER,
                    source.item(row) == SourceHistory.NONE ? null : items.get(source.item(row)),
                    "no dead letter for record " + place(row) + ", expected one with reason " + reason);
        }
    }

    private boolean hasChangedMeanwhile(int item, int row) {
        SourceOffset letter = letters.latest(item);
        return (row != CodeHistory.NONE && isBeyondEnds(codes.sourcePartition(row), codes.sourceOffset(row)))
                || (letter != null && isBeyondEnds(letter.partition(), letter.offset()));
    }

    private boolean isBeyondEnds(int partition, long offset) {
        return offset >= sourceEnds.getOrDefault(partition, Long.MAX_VALUE);
    }

    private String place(int sourceRow) {
        SourcePosition position = source.position(sourceRow);
        return position.partition() + "@" + position.offset();
    }

    long live() {
        return live;
    }

    long coded() {
        return coded;
    }

    /** Live items whose newest embedding was refused, whether or not they keep an earlier code. */
    long refused() {
        return refused;
    }

    long deleted() {
        return deleted;
    }
}
