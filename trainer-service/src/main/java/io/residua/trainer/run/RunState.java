package io.residua.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.residua.common.event.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run stands, beside its arrays: all that a later process needs to go on as if nothing had happened.
 *
 * @param options what the run does
 * @param data what it does it with
 * @param epoch epochs done
 * @param step steps of the next epoch done
 * @param quantising whether the codebooks have been started
 * @param losses of the last whole epoch
 * @param standing what its evaluations found
 * @param saveLimit checkpoints it keeps of each kind
 * @param threads CPU threads it runs on: with others, sums are rounded differently
 */
record RunState(
        TrainingOptions options,
        DataIdentity data,
        int epoch,
        int step,
        boolean quantising,
        Losses losses,
        BestCheckpoints standing,
        int saveLimit,
        int threads) {
    /**
     * What tells data from other data.
     *
     * @param files where it came from; empty if not from files
     * @param rows rows trained on
     * @param dim floats per row
     * @param fingerprint checksum of all rows in their order
     */
    record DataIdentity(List<String> files, int rows, int dim, long fingerprint) {
        DataIdentity {
            files = List.copyOf(files);
        }

        static DataIdentity of(Dataset data) {
            return new DataIdentity(
                    data.files(), data.rows(), data.dim(), data.statistics().fingerprint());
        }
    }

    static RunState initial(TrainingOptions options, Dataset data, int saveLimit, int threads) {
        return new RunState(
                options,
                DataIdentity.of(data),
                0,
                0,
                false,
                Losses.NONE,
                BestCheckpoints.initial(),
                saveLimit,
                threads);
    }

    /** Whether a run with that state could go on from this one. */
    void requireSameRun(RunState other) {
        if (!options.equals(other.options)) {
            throw new IllegalArgumentException("it was begun with other options: "
                    + String.join(", ", differences(tree(options), tree(other.options))));
        }
        if (data.fingerprint() != other.data.fingerprint()) {
            throw new IllegalArgumentException("it was begun with other data: " + data + ", not " + other.data);
        }
    }

    private static JsonNode tree(TrainingOptions options) {
        return Json.read(Json.write(options), JsonNode.class);
    }

    private static List<String> differences(JsonNode begun, JsonNode now) {
        List<String> differences = new ArrayList<>();
        begun.properties().forEach(entry -> {
            JsonNode other = now.get(entry.getKey());
            if (entry.getValue().isObject()) {
                differences.addAll(differences(entry.getValue(), other));
            } else if (!entry.getValue().equals(other)) {
                differences.add(entry.getKey() + " was " + entry.getValue() + " and is " + other);
            }
        });
        return differences;
    }

    /** The same run as it goes on from here. */
    RunState going(int saveLimit, int threads) {
        return new RunState(options, data, epoch, step, quantising, losses, standing, saveLimit, threads);
    }

    boolean over() {
        int patience = options.selection().patience();
        return epoch == options.optimisation().epochs() || (patience > 0 && standing.idle() >= patience);
    }

    RunState afterStep() {
        return new RunState(options, data, epoch, step + 1, quantising, losses, standing, saveLimit, threads);
    }

    RunState afterEpoch(Losses losses) {
        return new RunState(options, data, epoch + 1, 0, quantising, losses, standing, saveLimit, threads);
    }

    RunState startQuantising() {
        return new RunState(options, data, epoch, step, true, losses, standing, saveLimit, threads);
    }

    RunState withStanding(BestCheckpoints standing) {
        return new RunState(options, data, epoch, step, quantising, losses, standing, saveLimit, threads);
    }
}
