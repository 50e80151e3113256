package io.residua.trainer.track;

import io.residua.common.event.Json;
import io.residua.trainer.run.TrainingNews.Started;
import io.residua.trainer.run.TrainingOptions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is known of a run from its start: every option under its group, {@code optimisation.batch_size}, and the data. */
final class Facts {
    private Facts() {}

    static Map<String, String> of(TrainingOptions options, Started started) {
        Map<String, String> facts = new TreeMap<>();
        flatten("", Json.read(Json.write(options), Map.class), facts);
        facts.put("data.rows", String.valueOf(started.rows()));
        facts.put("data.dropped_rows", String.valueOf(started.droppedRows()));
        facts.put("data.dim", String.valueOf(started.dim()));
        facts.put("device", started.device());
        return facts;
    }

    private static void flatten(String name, Object value, Map<String, String> facts) {
        if (value instanceof Map<?, ?> group) {
            String prefix = name.isEmpty() ? "" : name + ".";
            group.forEach((key, inner) -> flatten(prefix + snakeCase(key.toString()), inner, facts));
        } else if (value instanceof List<?> list) {
            facts.put(name, list.stream().map(String::valueOf).collect(Collectors.joining(" ")));
        } else {
            facts.put(name, String.valueOf(value));
        }
    }

    private static String snakeCase(String camelCase) {
        return camelCase.replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
