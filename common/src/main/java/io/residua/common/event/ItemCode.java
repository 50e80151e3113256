package io.residua.common.event;

import static io.residua.common.event.Checks.requireNotNegative;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * The semantic ID of one item under one model version: the value of {@code item-codes-<v>}, keyed by the item id.
 *
 * @param itemId the item, as in the record's key
 * @param modelVersion the model that coded it
 * @param codes the unique code, one entry per level, coarsest first
 * @param tokens {@code codes} as the tokens a recommender's vocabulary holds, see {@link SemanticIds}
 * @param nearestCodes the code before collisions were resolved
 * @param claim grows with every grant of this code, so that of two holders seen at once the greater claim is the
 *     newer
 * @param resolution how the last code was found
 * @param quantisationError squared Euclidean distance, in latent space, between the item's latent and the sum of its
 *     {@code codes}' entries
 * @param nearestError the same for {@code nearestCodes}
 * @param embeddingNorm Euclidean norm of the item's embedding
 * @param sourcePartition partition of {@code item-embeddings} that the embedding came from
 * @param sourceOffset offset of the embedding there
 * @param sourceTimestamp the embedding record's timestamp
 * @param time when the code was written
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ItemCode(
        String itemId,
        String modelVersion,
        List<Integer> codes,
        List<String> tokens,
        List<Integer> nearestCodes,
        long claim,
        Resolution resolution,
        double quantisationError,
        double nearestError,
        double embeddingNorm,
        int sourcePartition,
        long sourceOffset,
        Instant sourceTimestamp,
        Instant time) {

    public ItemCode {
        Checks.requireText("itemId", itemId);
        ModelVersions.require(modelVersion);
        codes = Checks.copy("codes", codes);
        tokens = Checks.copy("tokens", tokens);
        nearestCodes = Checks.copy("nearestCodes", nearestCodes);
        if (codes.size() != nearestCodes.size() || codes.size() != tokens.size()) {
            throw new IllegalArgumentException("codes, tokens and nearestCodes differ in length: " + codes.size() + ", "
                    + tokens.size() + ", " + nearestCodes.size());
        }
        if (codes.isEmpty()) {
            throw new IllegalArgumentException("codes is empty, expected one per level");
        }
        codes.forEach(code -> requireNotNegative("a code", code));
        nearestCodes.forEach(code -> requireNotNegative("a nearest code", code));
        requireNotNegative("claim", claim);
        requireNonNull(resolution, "resolution is null");
        requireNotNegative("quantisationError", quantisationError);
        requireNotNegative("nearestError", nearestError);
        requireNotNegative("embeddingNorm", embeddingNorm);
        requireNotNegative("sourcePartition", sourcePartition);
        requireNotNegative("sourceOffset", sourceOffset);
        requireNonNull(sourceTimestamp, "sourceTimestamp is null");
        requireNonNull(time, "time is null");
    }
}
