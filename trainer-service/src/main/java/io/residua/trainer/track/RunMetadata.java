package io.residua.trainer.track;

import io.residua.common.event.Json;
import io.residua.trainer.run.TrainingNews.Started;
import io.residua.trainer.run.TrainingOptions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Metadata of a run as key-value pairs: every option under its group, such as {@code optimisation.batch_size}, and the
 * data.
 */
final class RunMetadata {
    private RunMetadata() {}

    static Map<String, String> of(TrainingOptions options, Started started) {
        Map<String, String> metadata = new TreeMap<>();
        flatten("", Json.read(Json.write(options), Map.class), metadata);
        metadata.put("data.rows", String.valueOf(started.rows()));
        metadata.put("data.dropped_rows", String.valueOf(started.droppedRows()));
        metadata.put("data.dim", String.valueOf(started.dim()));
        metadata.put("device", started.device());
        return metadata;
    }

    private static void flatten(String name, Object value, Map<String, String> metadata) {
        if (value instanceof Map<?, ?> group) {
            String prefix = name.isEmpty() ? "" : name + ".";
            group.forEach((key, inner) -> flatten(prefix + snakeCase(key.toString()), inner, metadata));
        } else if (value instanceof List<?> list) {
            metadata.put(name, list.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        } else {
            metadata.put(name, String.valueOf(value));
        }
    }

    private static String snakeCase(String camelCase) {
        return camelCase.replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
