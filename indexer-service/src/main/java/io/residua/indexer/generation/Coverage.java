package io.residua.indexer.generation;

import io.residua.common.event.IndexStatus.Items;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a generation that has answered everything has coded enough to be ready.
 *
 * @param share least share of the items that must have a code
 */
record Coverage(double share) {
    /**
     * Why a generation may not be ready.
     *
     * @param items what it holds
     * @param nothingOfSomething whether nothing is coded although there are embeddings
     * @param readyItems items coded by the ready generation before it, 0 if there is none
     * @return one line, or nothing if it may
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
