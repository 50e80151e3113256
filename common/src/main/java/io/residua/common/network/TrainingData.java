package io.residua.common.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.residua.common.event.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which files a checkpoint was trained on, as its metadata says. The options of training are a JSON object under {@value
 * #OPTIONS}, as the Python reference has them: {@code data_paths} holds several files, {@code data_path} one.
 */
public final class TrainingData {
    /** Name of the options among a checkpoint's metadata. */
    private static final String OPTIONS = "args";

    private static final String FILE = "data_path";
    private static final String FILES = "data_paths";

    private TrainingData() {}

    /** The files that {@link Checkpoint#metadata()} names; none if it names none. */
    public static List<Path> files(Map<String, String> metadata) {
        JsonNode options = options(metadata);
        List<Path> files = new ArrayList<>();
        options.path(FILES).forEach(file -> add(file, files));
        if (files.isEmpty()) {
            add(options.path(FILE), files);
        }
        return files;
    }

    /** The options of training that {@link Checkpoint#metadata()} has; an object without members if it has none. */
    public static JsonNode options(Map<String, String> metadata) {
        if (metadata.containsKey(OPTIONS)) {
            try {
                return Json.read(metadata.get(OPTIONS).getBytes(StandardCharsets.UTF_8), JsonNode.class);
            } catch (IllegalArgumentException e) {
                // Someone else's metadata of that name.
            }
        }
        return JsonNodeFactory.instance.objectNode();
    }

    private static void add(JsonNode file, List<Path> files) {
        if (!file.asText("").isBlank()) {
            files.add(Path.of(file.asText()));
        }
    }

    /** The metadata of a checkpoint that was trained on some files; empty if there are none. */
    public static Map<String, String> metadata(List<String> files) {
        if (files.isEmpty()) {
            return Map.of();
        }
        Object options = files.size() == 1 ? Map.of(FILE, files.get(0)) : Map.of(FILES, files);
        return Map.of(OPTIONS, new String(Json.write(options), StandardCharsets.UTF_8));
    }
}
