package io.residua.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Where a run stands, beside its arrays: all that a later process needs to go on as if nothing had happened.
 *
 * @param options what the run does
 * @param fingerprint checksum of the data it does it with
 * @param epoch epochs done
 * @param step steps of the next epoch done
 * @param quantising whether the codebooks have been started
 * @param bestEpoch epochs the best weights were trained for; 0 while there are none
 * @param best their evaluation; absent while there are none
 * @param loss total loss of the last whole epoch, mean over its batches; 0 before the first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RunState(
        TrainingOptions options,
        long fingerprint,
        int epoch,
        int step,
        boolean quantising,
        int bestEpoch,
        Evaluation best,
        double loss) {
    static RunState initial(TrainingOptions options, long fingerprint) {
        return new RunState(options, fingerprint, 0, 0, false, 0, null, 0);
    }

    RunState afterStep() {
        return new RunState(options, fingerprint, epoch, step + 1, quantising, bestEpoch, best, loss);
    }

    RunState afterEpoch(double loss) {
        return new RunState(options, fingerprint, epoch + 1, 0, quantising, bestEpoch, best, loss);
    }

    RunState startQuantising() {
        return new RunState(options, fingerprint, epoch, step, true, bestEpoch, best, loss);
    }

    RunState withBest(Evaluation evaluation) {
        return new RunState(options, fingerprint, epoch, step, quantising, epoch, evaluation, loss);
    }
}
