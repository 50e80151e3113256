package io.residua.indexer.assign;

import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.ItemCommand;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.SourcePosition;
import io.residua.indexer.wire.WireFormat.MalformedRecordException;
import java.util.Arrays;
import org.apache.kafka.common.record.RecordBatch;

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
        requirePosition(command.position());
        if (command instanceof Grant grant) {
            requireCode(grant.codes());
            requireCode(grant.nearestCodes());
            requireNotNegative("norm", grant.norm());
            requireNotNegative("quantisation error", grant.quantisationError());
            requireNotNegative("nearest error", grant.nearestError());
        }
    }

    static void requirePosition(SourcePosition position) {
        if (position.partition() < 0 || position.offset() < 0 || position.timestamp() < RecordBatch.NO_TIMESTAMP) {
            throw new MalformedRecordException("the source position is " + position);
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

    static void requireNotNegative(String name, double value) {
        if (!(value >= 0 && value <= Double.MAX_VALUE)) {
            throw new MalformedRecordException("the " + name + " is " + value + ", expected a number from 0");
        }
    }
}
