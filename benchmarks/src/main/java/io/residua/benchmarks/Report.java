package io.residua.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Measurements as a table: each beside what the hardware's limit for the same input took. */
final class Report {
    /** Per benchmark class, the method that measures its limit. */
    private static final Map<String, String> LIMITS =
            Map.of("ResolverBenchmark", "expPass", "EmbeddingBenchmark", "copy");

    private static final String HEAD = "%-20s %-12s %8s %14s %12s %10s%n";
    private static final String LINE = "%-20s %-12s %8s %14.1f %12.3f %10s%n";

    private Report() {}

    static String of(Collection<Measurement> measurements) {
        StringBuilder table = new StringBuilder(
                String.format(Locale.ROOT, HEAD, "benchmark", "method", "input", "ns/op", "ns/element", "x limit"));
        List<Measurement> all = List.copyOf(measurements);
        for (Measurement measured : all) {
            table.append(String.format(
                    Locale.ROOT,
                    LINE,
                    measured.group(),
                    measured.method(),
                    measured.parameter(),
                    measured.nanos(),
                    measured.nanos() / measured.elements(),
                    ratio(measured, all)));
        }
        return table.toString();
    }

    private static String ratio(Measurement measured, List<Measurement> all) {
        return limit(measured, all)
                .map(limit -> String.format(Locale.ROOT, "%.2f", measured.nanos() / limit.nanos()))
                .orElse("-");
    }

    private static Optional<Measurement> limit(Measurement measured, List<Measurement> all) {
        return all.stream()
                .filter(other -> other.group().equals(measured.group())
                        && other.parameter().equals(measured.parameter())
                        && other.method().equals(LIMITS.get(measured.group())))
                .findFirst();
    }
}
