package io.residua.indexer.verify;

import java.util.Locale;

/** Kinds of violations in an index. */
enum ViolationKind {
    /** A live item has no code, and no dead letter says why. */
    MISSING_CODE(true),
    /** An item's code is that of an embedding that another one has replaced. */
    OUTDATED_CODE(true),
    /** A deleted item has a code. */
    DELETED_ITEM_HAS_CODE(true),
    /** A record that had to be refused has no dead letter with that reason. */
    MISSING_LETTER(true),
    /** Two items hold one code at the end. */
    CODE_HELD_TWICE(true),
    /** Two items held one code at some time. */
    CODE_WAS_HELD_TWICE(false),
    /** Two records publish one code under one claim. */
    CLAIM_USED_TWICE(false),
    /** A code was published under a claim smaller than one under which it had been published before. */
    CLAIM_NOT_GROWN(false),
    /** An item's code changed although its embedding did not. */
    CODE_CHANGED_WITHOUT_NEW_EMBEDDING(false),
    /** The record that a code names as its source is another item's, or no embedding. */
    WRONG_SOURCE_RECORD(false),
    /** An item has records in two partitions of its codes topic. */
    ITEM_IN_TWO_PARTITIONS(false),
    /** A code is outside of the model's codebooks. */
    CODE_OUT_OF_RANGE(false),
    /** A record of a codes topic names another item or model than its key and topic. */
    WRONG_KEY(false),
    /** A record of a codes topic cannot be read. */
    UNREADABLE_CODE(false),
    /** The headers of a dead letter cannot be read. */
    UNREADABLE_LETTER(false);

    private final boolean mayBePending;

    ViolationKind(boolean mayBePending) {
        this.mayBePending = mayBePending;
    }

    /** Whether the indexer may still resolve it by catching up. */
    boolean mayBePending() {
        return mayBePending;
    }

    /** The name in kebab case. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
