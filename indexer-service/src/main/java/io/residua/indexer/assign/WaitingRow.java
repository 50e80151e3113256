package io.residua.indexer.assign;

import io.residua.common.index.CodeTable;
import io.residua.indexer.wire.PrefixCommand.Request;

/**
 * A row that waits for an entry of a prefix. Changed by one thread at a time: a row may wait many times, so it is moved
 * from prefix to prefix rather than made anew.
 */
final class WaitingRow {
    /** Most rows find room long before the last prefix within reach: their order of prefixes grows as it is needed. */
    private static final int ORDER_GROWTH = 3;

    private final int row;
    private final Request request;
    private int prefix;
    private int spills;
    /** Codes of the first prefixes to try, the row's own included, as far as they have been needed. */
    private int[] order = {};

    private boolean placed;

    /** A row at its own prefix, given by its number. */
    WaitingRow(int row, Request request, int prefix) {
        this.row = row;
        this.request = request;
        this.prefix = prefix;
    }

    int row() {
        return row;
    }

    /** The number of the prefix that the row waits for. */
    int prefix() {
        return prefix;
    }

    /** The request as it stands at that prefix. */
    Request request() {
        return request.afterSpills(spills);
    }

    boolean isPlaced() {
        return placed;
    }

    void place() {
        placed = true;
    }

    /** Whether all prefixes within reach are full. */
    boolean isOutOfReach() {
        return spills > 0 && at() >= order.length;
    }

    /** Goes on to the next prefix that is not full. Several rows may do so at once, as long as no prefix is numbered. */
    void moveOn(PrefixAssignment assignment, HeldEntries held) {
        do {
            spills++;
            if (at() >= order.length) {
                order = assignment.prefixes(request, ORDER_GROWTH * spills);
            }
            if (isOutOfReach()) {
                return;
            }
            prefix = held.find(order, at());
        } while (prefix != CodeTable.NONE && held.isFull(prefix));
    }

    /** Gives the prefix a number if it has none. */
    void number(HeldEntries held) {
        if (prefix == CodeTable.NONE) {
            prefix = held.prefix(order, at());
        }
    }

    /** Where the prefix's codes begin in {@code order}. */
    private int at() {
        return spills * (request.codes().length - 1);
    }
}
