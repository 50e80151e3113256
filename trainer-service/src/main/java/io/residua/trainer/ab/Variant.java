package io.residua.trainer.ab;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.residua.trainer.run.Evaluation;
import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingNews.Finished;
import io.residua.trainer.track.Curves;

/**
 * What came of one training of a comparison. All figures but the time are of the checkpoint that it would publish.
 *
 * @param name of what it does differently
 * @param bestEpoch epochs that checkpoint was trained for; 0 if there is none
 * @param loss total loss of its last epoch, mean over the batches; absent if there is none
 * @param evaluation of it; absent if there is none
 * @param seconds spent training
 * @param failure why there is no model; absent if there is one
 * @param curves its figures over the epochs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Variant(
        String name,
        int bestEpoch,
        Double loss,
        Evaluation evaluation,
        double seconds,
        String failure,
        @JsonIgnore Curves curves) {
    public Variant {
        requireNonNull(name, "name is null");
        requireNonNull(curves, "curves is null");
        if ((evaluation == null) == (failure == null)) {
            throw new IllegalArgumentException("variant " + name + " has evaluation " + evaluation + " and failure "
                    + failure + ", expected one of them");
        }
    }

    /** A training that has ended well. */
    public static Variant of(String name, Finished finished, Curves curves) {
        TrainingNews.Best best = finished.published();
        return new Variant(
                name, best.epoch(), best.losses().total(), best.evaluation(), curves.seconds(), null, curves);
    }

    /** A training that could not go on. */
    public static Variant failed(String name, String reason, Curves curves) {
        return new Variant(name, 0, null, null, curves.seconds(), reason, curves);
    }
}
