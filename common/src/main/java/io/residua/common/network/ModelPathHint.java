package io.residua.common.network;

import io.residua.common.event.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a model is in a folder that is none itself, such as the folder of a training run. */
public final class ModelPlaces {
    private static final Pattern CHECKPOINT = Pattern.compile("[^.].*\\.(safetensors|pth)");

    private ModelPlaces() {}

    /**
     * What to name instead of a folder, as the end of a message: the model in it, or else its first checkpoint by name.
     *
     * @return empty if there is neither
     * @throws IOException if the folder cannot be read
     */
    public static String advice(Path folder) throws IOException {
        Path model = folder.resolve("model");
        if (Files.exists(model.resolve(ModelManifest.ENCODER))) {
            return ", name " + model;
        }
        try (Stream<Path> files = Files.list(folder)) {
            Optional<Path> checkpoint = files.filter(file ->
                            CHECKPOINT.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .findFirst();
            return checkpoint
                    .map(file -> ", name a checkpoint in it, such as " + file)
                    .orElse("");
        }
    }
}
