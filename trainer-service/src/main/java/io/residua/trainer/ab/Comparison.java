package io.residua.trainer.ab;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.Json;
import io.residua.common.io.DurableFiles;
import io.residua.trainer.run.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Trainings that differ in one thing, side by side.
 *
 * @param difference what they differ in
 * @param variants in the order they are shown
 */
public record Comparison(String difference, List<Variant> variants) {
    private static final String FILES = "comparison";

    public Comparison {
        variants = List.copyOf(variants);
    }

    /** A table for people, one line per variant under a heading. */
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        String pattern = "%-" + Math.max(8, difference.length()) + "s  %10s  %12s  %14s  %10s  %9s  %s";
        lines.add(format(
                pattern, difference, "best epoch", "loss", "reconstruction", "collisions", "seconds", "entries used"));
        for (Variant variant : variants) {
            Evaluation evaluation = variant.evaluation();
            lines.add(
                    evaluation == null
                            ? format(pattern, variant.name(), "-", "-", "-", "-", seconds(variant), variant.failure())
                            : format(
                                    pattern,
                                    variant.name(),
                                    variant.bestEpoch(),
                                    variant.loss() == null ? "-" : format("%.6f", variant.loss()),
                                    format("%.4f", evaluation.relativeReconstructionError()),
                                    format("%.4f", evaluation.collisionRate()),
                                    seconds(variant),
                                    joined(evaluation.used(), " / ")));
        }
        return lines;
    }

    /**
     * Writes {@code comparison.csv}, {@code .json} and {@code .svg}.
     *
     * @return the files
     */
    public List<Path> write(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(write(folder.resolve(FILES + ".csv"), csv().getBytes(UTF_8)));
        files.add(write(folder.resolve(FILES + ".json"), Json.writePretty(this)));
        files.add(write(folder.resolve(FILES + ".svg"), ComparisonPlot.svg(this).getBytes(UTF_8)));
        return files;
    }

    private static Path write(Path file, byte[] content) throws IOException {
        DurableFiles.replace(file, content);
        return file;
    }

    private String csv() {
        StringBuilder csv = new StringBuilder("variant,best_epoch,loss,relative_reconstruction_error,collision_rate,"
                + "used,utilisation,seconds,failure\n");
        for (Variant variant : variants) {
            Evaluation evaluation = variant.evaluation();
            List<String> cells = evaluation == null
                    ? List.of(variant.name(), "", "", "", "", "", "", seconds(variant), quoted(variant.failure()))
                    : List.of(
                            variant.name(),
                            String.valueOf(variant.bestEpoch()),
                            variant.loss() == null ? "" : variant.loss().toString(),
                            String.valueOf(evaluation.relativeReconstructionError()),
                            String.valueOf(evaluation.collisionRate()),
                            joined(evaluation.used(), " "),
                            joined(evaluation.utilisation(), " "),
                            seconds(variant),
                            "");
            csv.append(String.join(",", cells)).append('\n');
        }
        return csv.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String seconds(Variant variant) {
        return format("%.1f", variant.seconds());
    }

    private static String joined(List<?> values, String separator) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(separator));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
