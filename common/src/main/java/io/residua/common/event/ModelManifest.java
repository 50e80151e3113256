package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.residua.common.io.Sha256;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a published model consists of: {@code manifest.json} in its folder. It is written last, so a model without one
 * does not exist.
 *
 * @param format version of this document's form, see {@link #FORMAT}
 * @param modelVersion the model
 * @param createdAt when it was published
 * @param model the network's shape
 * @param training what training measured; absent for a model that was trained elsewhere
 * @param files every other file of the folder by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelManifest(
        int format,
        String modelVersion,
        Instant createdAt,
        ModelShape model,
        TrainingMetrics training,
        SortedMap<String, ArtifactFile> files) {
    /** The current form. */
    public static final int FORMAT = 1;

    /** File that maps an embedding to codes, latent and error, see {@code OnnxNames}. */
    public static final String ENCODER = "encoder.onnx";
    /** File that maps a sum of codebook entries to an embedding. */
    public static final String DECODER = "decoder.onnx";
    /** File that holds all weights under the reference's parameter names. */
    public static final String CHECKPOINT = "checkpoint.safetensors";
    /** The manifest itself. */
    public static final String MANIFEST = "manifest.json";

    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    public ModelManifest {
        if (format != FORMAT) {
            throw new IllegalArgumentException("manifest format is " + format + ", expected " + FORMAT);
        }
        ModelVersions.require(modelVersion);
        requireNonNull(createdAt, "createdAt is null");
        requireNonNull(model, "model is null");
        requireNonNull(files, "files is null");
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        files.keySet().forEach(ModelManifest::requireFileName);
    }

    /** Checks that a file's name is a name only: a manifest must not lead a reader out of its folder. */
    public static void requireFileName(String name) {
        if (!FILE_NAME.matcher(name).matches() || name.equals(MANIFEST)) {
            throw new IllegalArgumentException(
                    "file name is '" + name + "', expected " + FILE_NAME.pattern() + " and not " + MANIFEST);
        }
    }

    /**
     * The network's shape.
     *
     * @param dim floats per embedding
     * @param layers widths of the encoder's hidden layers; the decoder mirrors them
     * @param eDim floats per latent and codebook entry
     * @param codebookSizes entries per level, coarsest first
     */
    public record ModelShape(int dim, List<Integer> layers, int eDim, List<Integer> codebookSizes) {
        public ModelShape {
            layers = Checks.copy("layers", layers);
            codebookSizes = Checks.copy("codebookSizes", codebookSizes);
            requirePositive("dim", dim);
            requirePositive("eDim", eDim);
            layers.forEach(width -> requirePositive("a layer's width", width));
            codebookSizes.forEach(size -> requirePositive("a codebook's size", size));
            if (codebookSizes.isEmpty() || codebookSizes.size() > SemanticIds.MAX_LEVELS) {
                throw new IllegalArgumentException("codebookSizes has " + codebookSizes.size()
                        + " levels, expected 1 to " + SemanticIds.MAX_LEVELS);
            }
        }

        /** Number of codebooks. */
        public int levels() {
            return codebookSizes.size();
        }

        private static void requirePositive(String what, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(what + " is " + value + ", expected at least 1");
            }
        }
    }

    /**
     * What training measured on the published weights, over all rows, without Sinkhorn.
     *
     * @param rows rows trained on
     * @param epochs epochs run
     * @param loss total loss of the last epoch, mean over its batches
     * @param reconstructionError mean squared error per element, original units
     * @param relativeReconstructionError the same divided by the data's mean square
     * @param collisionRate (rows − distinct codes) / rows
     * @param utilisation share of entries used, per level
     * @param meanQuantisationError mean squared Euclidean distance between a latent and the sum of its entries
     */
    public record TrainingMetrics(
            long rows,
            int epochs,
            double loss,
            double reconstructionError,
            double relativeReconstructionError,
            double collisionRate,
            List<Double> utilisation,
            double meanQuantisationError) {
        public TrainingMetrics {
            Checks.requireNotNegative("rows", rows);
            Checks.requireNotNegative("epochs", epochs);
            Checks.requireFinite("loss", loss);
            Checks.requireNotNegative("reconstructionError", reconstructionError);
            Checks.requireNotNegative("relativeReconstructionError", relativeReconstructionError);
            Checks.requireShare("collisionRate", collisionRate);
            utilisation = Checks.copy("utilisation", utilisation);
            utilisation.forEach(share -> Checks.requireShare("utilisation of a level", share));
            Checks.requireNotNegative("meanQuantisationError", meanQuantisationError);
        }
    }

    /** A file's size in bytes and SHA-256 in lower-case hexadecimal. */
    public record ArtifactFile(long size, String sha256) {
        public ArtifactFile {
            requireNonNull(sha256, "sha256 is null");
            if (size < 0 || !Sha256.isValid(sha256)) {
                throw new IllegalArgumentException("file has size " + size + " and SHA-256 '" + sha256
                        + "', expected a size of at least 0 and 64 lower-case hexadecimal digits");
            }
        }
    }
}
