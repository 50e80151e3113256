package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Checks that no two items ever held one code. Goes through the records of each code in the order of their claims.
 * Before an item gets the code, the previous holder must have given it up by another record. Within a partition that
 * record must precede; across partitions there is no order, so the check only requires that it exists.
 */
final class HeldCodeCheck {
    private final CodeHistory codes;
    private final KeyIndex items;
    private final Violations violations;

    HeldCodeCheck(CodeHistory codes, KeyIndex items, Violations violations) {
        this.codes = codes;
        this.items = items;
        this.violations = violations;
    }

    void run() {
        for (int code = 0; code < codes.distinctCodes(); code++) {
            int latest = codes.latestOfCode(code);
            if (codes.olderOfCode(latest) != CodeHistory.NONE) {
                check(byClaim(latest));
            }
        }
    }

    private List<Integer> byClaim(int latest) {
        List<Integer> rows = new ArrayList<>();
        for (int row = latest; row != CodeHistory.NONE; row = codes.olderOfCode(row)) {
            rows.add(row);
        }
        rows.sort(Comparator.<Integer>comparingLong(codes::claim)
                .thenComparingInt(codes::partition)
                .thenComparingLong(codes::offset));
        return rows;
    }

    private void check(List<Integer> rows) {
        for (int i = 1; i < rows.size(); i++) {
            int before = rows.get(i - 1);
            int after = rows.get(i);
            boolean samePartition = codes.partition(before) == codes.partition(after);
            if (codes.claim(before) == codes.claim(after)) {
                add(ViolationKind.CLAIM_USED_TWICE, before, after, "a claim of its own for each");
            } else if (samePartition && codes.offset(before) > codes.offset(after)) {
                add(ViolationKind.CLAIM_NOT_GROWN, before, after, "claims that grow with the offset");
            } else if (codes.item(before) != codes.item(after)) {
                checkGivenUp(before, after, samePartition);
            }
        }
    }

    private void checkGivenUp(int before, int after, boolean samePartition) {
        int end = codes.next(before);
        if (end == CodeHistory.NONE) {
            add(ViolationKind.CODE_HELD_TWICE, before, after, "a later record of the first item");
        } else if (codes.code(end) == codes.code(before)
                || (samePartition && codes.offset(end) > codes.offset(after))) {
            add(
                    ViolationKind.CODE_WAS_HELD_TWICE,
                    before,
                    after,
                    "the first item to give the code up before, but its next record is " + codes.describe(end));
        }
    }

    private void add(ViolationKind kind, int before, int after, String expected) {
        String first = new String(items.get(codes.item(before)), UTF_8);
        violations.add(
                kind,
                items.get(codes.item(after)),
                codes.describe(after) + " after " + codes.describe(before) + " of " + first + ", expected " + expected);
    }
}
