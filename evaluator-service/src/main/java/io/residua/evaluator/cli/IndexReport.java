package io.residua.evaluator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.residua.common.event.IndexMetrics;
import io.residua.evaluator.tally.IndexTally;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code evaluate} says, in the terms of the Python reference's {@code evaluate_index.py} and some more.
 *
 * @param checkpoint the model that was evaluated; {@code null} for an index file
 * @param dataset the files with the embeddings; {@code null} for an index file
 * @param index the index file; {@code null} for a model
 * @param items items
 * @param rowsLeftOut rows of the files that hold NaN or infinity, which are no items; {@code null} for an index file
 * @param distinctCodes distinct codes among them
 * @param collisionRate (items − distinct codes) / items; 0 without items
 * @param itemsSharingACode items that have their code in common with another
 * @param shareSharingACode the same divided by the items; 0 without items
 * @param largestGroup most items that share one code
 * @param averageUtilisation mean of the levels' utilisation; 0 without levels
 * @param relativeReconstructionError mean squared error of what the decoder makes of the codes, divided by the mean
 *     square of the embeddings as they are; {@code null} for an index file and where
 *     all embeddings are 0
 * @param levels one entry per level, coarsest first
 * @param structure what {@code --full} adds; {@code null} without it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record IndexReport(
        String checkpoint,
        List<String> dataset,
        String index,
        long items,
        Long rowsLeftOut,
        long distinctCodes,
        double collisionRate,
        long itemsSharingACode,
        double shareSharingACode,
        long largestGroup,
        double averageUtilisation,
        Double relativeReconstructionError,
        List<IndexMetrics.Level> levels,
        @JsonUnwrapped IndexStructure structure) {
    static IndexReport ofCheckpoint(
            Path checkpoint, List<Path> files, IndexTally tally, long rowsLeftOut, Double relativeError) {
        List<String> names = files.stream().map(Path::toString).toList();
        return of(checkpoint.toString(), names, null, tally, rowsLeftOut, relativeError);
    }

    static IndexReport ofIndex(Path file, IndexTally tally) {
        return of(null, null, file.toString(), tally, null, null);
    }

    private static IndexReport of(
            String checkpoint,
            List<String> dataset,
            String index,
            IndexTally tally,
            Long rowsLeftOut,
            Double relativeError) {
        IndexMetrics metrics = tally.metrics("file", Instant.EPOCH);
        long sharing = tally.itemsThatShareACode();
        return new IndexReport(
                checkpoint,
                dataset,
                index,
                metrics.items(),
                rowsLeftOut,
                metrics.distinctCodes(),
                metrics.rawCollisionRate(),
                sharing,
                (double) sharing / Math.max(1, metrics.items()),
                metrics.largestConflict(),
                metrics.levels().stream()
                        .mapToDouble(IndexMetrics.Level::utilisation)
                        .average()
                        .orElse(0),
                relativeError,
                metrics.levels(),
                null);
    }

    /** The same with what {@code --full} adds. */
    IndexReport with(IndexStructure newStructure) {
        return new IndexReport(
                checkpoint,
                dataset,
                index,
                items,
                rowsLeftOut,
                distinctCodes,
                collisionRate,
                itemsSharingACode,
                shareSharingACode,
                largestGroup,
                averageUtilisation,
                relativeReconstructionError,
                levels,
                newStructure);
    }

    /** A table for people. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        add(lines, "Checkpoint", checkpoint);
        add(lines, "Dataset", dataset == null ? null : String.join(" ", dataset));
        add(lines, "Index", index);
        add(lines, "Items", items);
        if (rowsLeftOut != null && rowsLeftOut > 0) {
            add(lines, "Rows Left Out", rowsLeftOut + " (not finite)");
        }
        add(lines, "Distinct Codes", distinctCodes);
        add(lines, "Collision Rate", format("%.6f", collisionRate));
        add(lines, "Items Sharing a Code", format("%.6f (%d / %d items)", shareSharingACode, itemsSharingACode, items));
        add(lines, "Largest Group", largestGroup);
        if (relativeReconstructionError != null) {
            add(lines, "Relative Reconstruction Error", format("%.6f", relativeReconstructionError));
        }
        add(lines, "Average Codebook Utilization", format("%.6f", averageUtilisation));
        for (int level = 0; level < levels.size(); level++) {
            IndexMetrics.Level at = levels.get(level);
            lines.add(format(
                    "  - Layer %d: %.4f (%d / %d codes used), perplexity %.2f",
                    level, at.utilisation(), at.used(), at.size(), at.perplexity()));
        }
        if (structure != null) {
            lines.addAll(structure.lines());
        }
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }

    private static void add(List<String> lines, String label, Object value) {
        if (value != null) {
            lines.add(format("%-31s%s", label + ":", value));
        }
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
