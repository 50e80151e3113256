package io.residua.indexer.assign;

import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.WireFormat.MalformedRecordException;
import java.util.Arrays;

/** What must hold of a record of {@code requests} so that the prefix stage can act on it. */
final class PrefixCommandCheck implements InternalRecords.Check<PrefixCommand> {
    private final Codebooks codebooks;

    PrefixCommandCheck(Codebooks codebooks) {
        this.codebooks = codebooks;
    }

    @Override
    public void require(byte[] key, PrefixCommand command) {
        if (command instanceof Request request) {
            requireRequest(key, request);
        } else if (command instanceof Release release) {
            requireCode(release.codes());
            requirePrefix(key, release.codes());
        }
    }

    private void requireRequest(byte[] key, Request request) {
        try {
            ItemIds.require(request.itemId());
        } catch (InvalidEmbeddingException e) {
            throw new MalformedRecordException(e.getMessage());
        }
        ItemCommandCheck.requirePosition(request.position());
        ItemCommandCheck.requireNotNegative("norm", request.norm());
        requireCode(request.codes());
        if (request.z().length != codebooks.eDim()) {
            throw new MalformedRecordException(
                    "the latent has " + request.z().length + " floats, expected " + codebooks.eDim());
        }
        for (float value : request.z()) {
            if (!Float.isFinite(value)) {
                throw new MalformedRecordException("the latent holds " + value + ", expected finite numbers");
            }
        }
        if (request.spills() == 0) {
            requirePrefix(key, request.codes());
        } else {
            requireSpilled(key, request);
        }
    }

    private void requireSpilled(byte[] key, Request request) {
        if (request.spills() >= SpillOrder.MAX_PREFIXES || key.length != (codebooks.levels() - 1) * Short.BYTES) {
            throw new MalformedRecordException(
                    "a request passed on " + request.spills() + " times has a key of " + key.length + " bytes");
        }
        requireEntries(Codes.ofKey(key));
    }

    private void requireCode(int[] codes) {
        if (codes.length != codebooks.levels()) {
            throw new MalformedRecordException(
                    "a code has " + codes.length + " levels, expected " + codebooks.levels());
        }
        requireEntries(codes);
    }

    private void requireEntries(int[] codes) {
        for (int level = 0; level < codes.length; level++) {
            if (codes[level] >= codebooks.size(level)) {
                throw new MalformedRecordException("a code is " + Arrays.toString(codes) + ", but level " + level
                        + " has " + codebooks.size(level) + " entries");
            }
        }
    }

    private static void requirePrefix(byte[] key, int[] codes) {
        if (!Arrays.equals(key, Codes.prefixKey(codes))) {
            throw new MalformedRecordException("the key is not the prefix of " + Arrays.toString(codes));
        }
    }
}
