package io.residua.trainer.cli;

import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.track.Tracking;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code train} that say where a run is recorded, besides its own folder. */
final class TrackingArguments {
    @Option(
            names = "--use_wandb",
            arity = "1",
            defaultValue = "False",
            description = "say at the end how Weights & Biases imports the run")
    Boolean useWandb;

    @Option(names = "--wandb_project", defaultValue = "residua", description = "the project it is imported into")
    String wandbProject;

    @Option(names = "--wandb_name", description = "its name there (default: the run folder's)")
    String wandbName;

    @Option(
            names = "--tracking_uri",
            converter = ServerConverter.class,
            description = "an MLflow server that is told of the run, http://… or https://…")
    URI trackingUri;

    @Option(names = "--experiment", defaultValue = "residua", description = "the experiment it belongs to there")
    String experiment;

    /** The comparison that the run is part of, if it is of one: several of its folders have the same names. */
    String comparison;

    /**
     * Runs a training, recorded as these options say.
     *
     * @param folder the run's
     * @param note gets lines for the user
     */
    void follow(
            Path folder, TrainingOptions options, Listener progress, Consumer<String> note, Tracking.Training training)
            throws IOException {
        Optional<Tracking.Mlflow> server =
                Optional.ofNullable(trackingUri).map(uri -> new Tracking.Mlflow(uri, experiment, runName(folder)));
        Tracking.follow(folder, options, server, progress, note, training);
        if (useWandb) {
            note.accept("to import the run into Weights & Biases (wandb 0.29.0 or older, later ones cannot): "
                    + wandbCommand(folder));
        }
    }

    /** There is no wandb client for Java, but until 0.29.0 its own command imports TensorBoard's files. */
    private String wandbCommand(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        String name = wandbName == null || comparison == null ? wandbName : wandbName + "-" + path.getFileName();
        // What wandb does not take in an id.
        String id = (name == null ? runName(folder) : name).replaceAll("[/\\\\#?%:]", "-");
        return List.of("wandb", "sync", "--sync-tensorboard", "-p", wandbProject, "--id", id, path.toString()).stream()
                .map(TrackingArguments::quoted)
                .collect(Collectors.joining(" "));
    }

    private String runName(Path folder) {
        String own = folder.toAbsolutePath().normalize().getFileName().toString();
        return comparison == null ? own : comparison + "-" + own;
    }

    /** A word as a shell takes it. */
    private static String quoted(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Takes the addresses that MLflow's client for Java can use. */
    static final class ServerConverter implements ITypeConverter<URI> {
        @Override
        public URI convert(String value) {
            try {
                URI uri = URI.create(value);
                if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                    return uri;
                }
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + value + "' is no address: " + e.getMessage());
            }
            throw new TypeConversionException(
                    "'" + value + "' is not the address of a server, expected http://… or https://…");
        }
    }
}
