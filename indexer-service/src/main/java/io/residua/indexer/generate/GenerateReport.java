package io.residua.indexer.generate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.residua.common.quantise.Codebooks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What {@code generate} says of the index that it wrote.
 *
 * @param index the file
 * @param strategy how collisions were resolved
 * @param appended rows that were added to a published index; {@code null} if the index is a new one
 * @param nearest collisions of the nearest codes; those of published items are taken as they are
 * @param written collisions of the written codes
 * @param moves what resolving did to the rows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record GenerateReport(
        String index, String strategy, Integer appended, Collisions nearest, Collisions written, Moves moves) {

    /**
     * What resolving did to the rows.
     *
     * @param moved rows whose written code is not their nearest
     * @param spilled those of them that went to another prefix
     * @param addedError by what share that raised the sum of all rows' squared distances between latent and quantised
     *     value; {@code null} if that sum was 0
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Moves(int moved, int spilled, Double addedError) {
        /**
         * Compares nearest with written codes.
         *
         * @param nearest row-major [rows × levels]
         * @param written row-major [rows × levels]
         * @param latents row-major [rows × eDim]
         */
        static Moves of(Codebooks codebooks, int[] nearest, int[] written, float[] latents) {
            int levels = codebooks.levels();
            int moved = 0;
            int spilled = 0;
            double before = 0;
            double added = 0;
            for (int row = 0; row < nearest.length / levels; row++) {
                int code = row * levels;
                int latent = row * codebooks.eDim();
                double error = codebooks.error(latents, latent, nearest, code);
                before += error;
                if (!isEqual(nearest, written, code, levels)) {
                    added += codebooks.error(latents, latent, written, code) - error;
                    moved++;
                    spilled += isEqual(nearest, written, code, levels - 1) ? 0 : 1;
                }
            }
            return new Moves(moved, spilled, before > 0 ? added / before : null);
        }

        private static boolean isEqual(int[] a, int[] b, int offset, int count) {
            return Arrays.equals(a, offset, offset + count, b, offset, offset + count);
        }
    }

    /** A table for people. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        add(lines, "Index", index);
        add(lines, "Strategy", strategy);
        add(lines, "Items", written.items());
        if (appended != null) {
            add(lines, "Appended Items", appended);
        }
        add(lines, "Distinct Codes", pair("%d", nearest.distinct(), written.distinct()));
        add(lines, "Collision Rate", pair("%.6f", nearest.collisionRate(), written.collisionRate()));
        add(lines, "Items Sharing a Code", pair("%.6f", nearest.shareSharingACode(), written.shareSharingACode()));
        add(lines, "Largest Group", pair("%d", nearest.largestGroup(), written.largestGroup()));
        add(lines, "Moved Items", moves.moved);
        add(lines, "Spilled Items", moves.spilled);
        if (moves.addedError != null) {
            // Rounded first, so that it is never printed as -0.00.
            add(lines, "Added Quantisation Error", format("%.2f %%", Math.round(10_000 * moves.addedError) / 100.0));
        }
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }

    private static String pair(String pattern, Object nearest, Object written) {
        return format(pattern + " -> " + pattern, nearest, written);
    }

    private static void add(List<String> lines, String label, Object value) {
        lines.add(format("%-27s%s", label + ":", value));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
