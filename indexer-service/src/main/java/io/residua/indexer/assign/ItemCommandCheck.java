package io.residua.indexer.assign;

import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.ItemCommand;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.WireFormat.MalformedRecordException;
import java.util.Arrays;

/** What must hold of a record of {@code grants} so that the item stage can act on it. */
final class ItemCommandCheck implements InternalRecords.Check<ItemCommand> {
    private final Codebooks codebooks;

    ItemCommandCheck(Codebooks codebooks) {
        this.codebooks = codebooks;
    }

    @Override
    public void require(byte[] key, ItemCommand command) {
        try {
            ItemIds.require(key);
        } catch (InvalidEmbeddingException e) {
            throw new MalformedRecordException(e.getMessage());
        }
        if (command.position().partition() < 0 || command.position().offset() < 0) {
            throw new MalformedRecordException("the source position is " + command.position());
        }
        if (command instanceof Grant grant) {
            requireCode(grant.codes());
            requireCode(grant.nearestCodes());
            requireNotNegative("norm", grant.norm());
            requireNotNegative("quantisation error", grant.quantisationError());
            requireNotNegative("nearest error", grant.nearestError());
        }
    }

    private void requireCode(int[] codes) {
        boolean fits = codes.length == codebooks.levels();
        for (int level = 0; fits && level < codes.length; level++) {
            fits = codes[level] < codebooks.size(level);
        }
        if (!fits) {
            throw new MalformedRecordException(
                    "a code is " + Arrays.toString(codes) + ", which the model does not have");
        }
    }

    private static void requireNotNegative(String name, double value) {
        if (!(value >= 0)) {
            throw new MalformedRecordException("the " + name + " is " + value + ", expected a number from 0");
        }
    }
}
