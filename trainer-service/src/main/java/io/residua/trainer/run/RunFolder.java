package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.residua.common.event.Json;
import io.residua.common.io.DurableFiles;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.TrainingData;
import io.residua.common.safetensors.Safetensors;
import io.residua.trainer.model.Weights;
import io.residua.trainer.run.BestCheckpoints.Evaluated;
import io.residua.trainer.run.RunState.DataIdentity;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run keeps in its folder.
 *
 * <ul>
 *   <li>{@code state/run.safetensors}, to go on from: all arrays and, as its metadata, the {@link RunState};
 *   <li>{@code state/published-N.safetensors}, the weights to publish, of epoch N, as training knows them;
 *   <li>checkpoints for people: {@code best_loss_model}, {@code best_collision_model}, {@code best_utilization_model}
 *       and {@code epoch_N_collision_R_model}, each as {@code .safetensors}, folded, with a {@code .json} beside it.
 * </ul>
 *
 * Each file is replaced in one step, so a kill while writing costs nothing but the time since the one before.
 */
public final class RunFolder {
    private static final String STATE = "state";
    private static final Map<SelectionMetric, String> BEST = Map.of(
            SelectionMetric.LOSS, "best_loss_model",
            SelectionMetric.COLLISION, "best_collision_model",
            SelectionMetric.UTILIZATION, "best_utilization_model");

    private final Path folder;
    private final Path stateFile;

    RunFolder(Path folder) throws IOException {
        this.folder = folder;
        Path state = Files.createDirectories(folder.resolve(STATE));
        this.stateFile = state.resolve("run.safetensors");
    }

    /**
     * What an interrupted run was told to do.
     *
     * @param options its options
     * @param dataFiles where its rows came from
     * @param saveLimit checkpoints it keeps of each kind
     * @param threads CPU threads it runs on
     */
    public record Begun(TrainingOptions options, List<Path> dataFiles, int saveLimit, int threads) {}

    /**
     * Looks into the folder of an interrupted run.
     *
     * @throws IOException if there is none to go on with
     */
    public static Begun begun(Path folder) throws IOException {
        Path file = folder.resolve(STATE).resolve("run.safetensors");
        if (!Files.exists(file)) {
            throw new IOException("there is no run to resume in " + folder + ": no file " + file);
        }
        RunState state = state(Safetensors.read(file));
        return new Begun(
                state.options(),
                state.data().files().stream().map(Path::of).toList(),
                state.saveLimit(),
                state.threads());
    }

    /** Keeps the state; then drops the checkpoints that it does not count among the kept. */
    void saveState(RunState state, Map<String, NDArray> arrays) throws IOException {
        String json = new String(Json.write(state), StandardCharsets.UTF_8);
        Safetensors.write(stateFile, DeviceArrays.onHost(arrays), Map.of(STATE, json));
        prune(state.standing().kept());
        Evaluated published =
                state.standing().best().get(state.options().selection().publish());
        try (Stream<Path> files = Files.list(stateFile.getParent())) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("published-"))
                    .toList()) {
                if (published == null || !file.equals(published(published.epoch()))) {
                    Files.delete(file);
                }
            }
        }
    }

    /**
     * Puts the kept state's arrays back into {@code arrays}.
     *
     * @return the kept state, or nothing if there is none
     * @throws IllegalArgumentException if it is of other options or other data
     */
    Optional<RunState> restoreState(RunState initial, Map<String, NDArray> arrays) throws IOException {
        if (!Files.exists(stateFile)) {
            return Optional.empty();
        }
        Safetensors saved = Safetensors.read(stateFile);
        RunState state = state(saved);
        try {
            state.requireSameRun(initial);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(folder + " holds another run: " + e.getMessage(), e);
        }
        DeviceArrays.fill(arrays, saved);
        return Optional.of(state);
    }

    private static RunState state(Safetensors saved) {
        return Json.read(saved.metadata().get(STATE).getBytes(StandardCharsets.UTF_8), RunState.class);
    }

    /** Keeps the weights as the ones to publish so far, beside those that the kept state calls so. */
    void savePublished(Weights weights, int epoch) throws IOException {
        Map<String, String> unfit =
                Map.of(Checkpoint.UNFIT, "made for standardised rows, as a run keeps them to go on from");
        Safetensors.write(published(epoch), DeviceArrays.onHost(DeviceArrays.of(weights)), unfit);
    }

    /** Puts the weights to publish back. */
    void restorePublished(Weights weights, int epoch) throws IOException {
        DeviceArrays.fill(DeviceArrays.of(weights), Safetensors.read(published(epoch)));
    }

    private Path published(int epoch) {
        return stateFile.resolveSibling("published-" + epoch + ".safetensors");
    }

    /**
     * What stands beside a checkpoint.
     *
     * @param epoch epochs it was trained for
     * @param losses of the last of these
     * @param evaluation what was found of it
     * @param options what the run does
     * @param data what it does it with
     * @param resume where the run's optimiser, averages, and place in its schedule and its random choices are kept
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Description(
            int epoch,
            Losses losses,
            Evaluation evaluation,
            TrainingOptions options,
            DataIdentity data,
            String resume) {}

    /** Keeps the weights of an evaluation under its own name, and under that of each figure it leads. */
    void saveCheckpoint(Checkpoint weights, Evaluated evaluated, List<SelectionMetric> leads, RunState state)
            throws IOException {
        byte[] description = Json.writePretty(new Description(
                evaluated.epoch(),
                evaluated.losses(),
                evaluated.evaluation(),
                state.options(),
                state.data(),
                folder.relativize(stateFile).toString()));
        Map<String, String> metadata =
                new TreeMap<>(TrainingData.metadata(state.data().files()));
        metadata.put("residua", new String(description, StandardCharsets.UTF_8));
        Checkpoint described = weights.withMetadata(metadata);
        save(name(evaluated), described, description);
        for (SelectionMetric figure : leads) {
            if (BEST.containsKey(figure) && evaluated.eligible()) {
                save(BEST.get(figure), described, description);
            }
        }
    }

    private void save(String name, Checkpoint weights, byte[] description) throws IOException {
        weights.write(folder.resolve(name + ".safetensors"));
        DurableFiles.replace(folder.resolve(name + ".json"), description);
    }

    private static String name(Evaluated evaluated) {
        return String.format(
                Locale.ROOT,
                "epoch_%d_collision_%.4f_model",
                evaluated.epoch(),
                evaluated.evaluation().collisionRate());
    }

    private void prune(List<Evaluated> kept) throws IOException {
        Set<String> names = kept.stream().map(RunFolder::name).collect(Collectors.toSet());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                String stem = name.replaceFirst("\\.(safetensors|json)$", "");
                if (name.startsWith("epoch_") && !stem.equals(name) && !names.contains(stem)) {
                    Files.delete(file);
                }
            }
        }
    }
}
