package io.residua.indexer.generation;

import io.residua.common.event.IndexStatus.Items;
import java.util.Locale;
import java.util.Optional;

/**
 * Minimum coverage that a generation needs to become ready.
 *
 * @param share minimum share of the items that must have a code
 */
record Coverage(double share) {
    /**
     * Checks the coverage of a generation.
     *
     * @param items its coded and refused items
     * @param nothingOfSomething whether nothing is coded although there are embeddings
     * @param readyItems items coded by the ready generation before it, 0 if there is none
     * @return why it is not ready, in one line; empty if coverage suffices
     */
    Optional<String> shortfall(Items items, boolean nothingOfSomething, long readyItems) {
        long answered = items.coded() + items.refused();
        if (nothingOfSomething) {
            return Optional.of("no embedding got a code: the model, or what it was sent, is of no use");
        }
        if (items.coded() < share * answered) {
            return Optional.of(text(items.coded(), answered, "items that could be encoded"));
        }
        if (items.coded() < share * readyItems) {
            return Optional.of(text(items.coded(), readyItems, "items that the ready generation holds"));
        }
        return Optional.empty();
    }

    private String text(long coded, long of, String what) {
        return String.format(
                Locale.ROOT,
                "%d items have a code of %d %s; residua.index.ready-coverage asks for %s",
                coded,
                of,
                what,
                share);
    }
}
