package io.residua.common.network;

import io.residua.common.event.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Suggests the path of a model when the given folder is not a model itself, such as the folder of a training run. */
public final class ModelPathHint {
    private static final Pattern CHECKPOINT = Pattern.compile("[^.].*\\.(safetensors|pth)");

    private ModelPathHint() {}

    /**
     * The end of an error message that names the model in a folder, or else its first checkpoint by name.
     *
     * @return empty if there is neither
     * @throws IOException if the folder cannot be read
     */
    public static String of(Path folder) throws IOException {
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
