package io.residua.common.cli;

import io.residua.common.network.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options for the files with embeddings. */
public final class DataPathArguments {
    @Option(names = "--data_path", paramLabel = "FILE", description = "the .npy file with one embedding per row")
    private Path dataPath;

    @Option(names = "--data_paths", arity = "1..*", paramLabel = "FILE", description = "several of them, taken as one")
    private List<Path> dataPaths;

    /**
     * The files given by the options; empty if no option is given.
     *
     * @throws IllegalArgumentException if both options are given
     */
    public List<Path> given() {
        if (dataPath != null && dataPaths != null) {
            throw new IllegalArgumentException("--data_path and --data_paths exclude each other");
        }
        if (dataPath != null) {
            return List.of(dataPath);
        }
        return dataPaths == null ? List.of() : dataPaths;
    }

    /**
     * The files given by the options, or else those that a checkpoint was trained on.
     *
     * @param checkpoint the checkpoint, for messages
     * @param metadata its metadata
     * @throws IOException if the checkpoint names none, or one that is gone
     */
    public List<Path> givenOr(Path checkpoint, Map<String, String> metadata) throws IOException {
        if (!given().isEmpty()) {
            return given();
        }
        List<Path> trainedOn = TrainingData.files(metadata);
        if (trainedOn.isEmpty()) {
            throw new IOException(
                    checkpoint + " does not say which file it was trained on: name the file with --data_path");
        }
        for (Path file : trainedOn) {
            if (!Files.exists(file)) {
                throw new IOException("there is no file " + file + ", which " + checkpoint + " was trained on"
                        + (file.isAbsolute() ? "" : ", in " + Path.of("").toAbsolutePath())
                        + ": name the file with --data_path");
            }
        }
        return trainedOn;
    }
}
