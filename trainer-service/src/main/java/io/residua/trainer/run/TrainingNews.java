package io.residua.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.util.List;

/** What a training run tells while it goes on. As JSON, {@code news} says which kind it is. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "news")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TrainingNews.Started.class, name = "started"),
    @JsonSubTypes.Type(value = TrainingNews.Quantising.class, name = "quantising"),
    @JsonSubTypes.Type(value = TrainingNews.Progressed.class, name = "progressed"),
    @JsonSubTypes.Type(value = TrainingNews.Evaluated.class, name = "evaluated"),
    @JsonSubTypes.Type(value = TrainingNews.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = TrainingNews.Failed.class, name = "failed")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface TrainingNews {
    /**
     * The run begins, or goes on.
     *
     * @param rows rows trained on
     * @param droppedRows rows with NaN or infinity, which are not
     * @param dim floats per row
     * @param device where it runs
     * @param resumedEpoch epochs that an earlier process has done
     */
    record Started(int rows, long droppedRows, int dim, String device, int resumedEpoch) implements TrainingNews {}

    /**
     * The codebooks have got their first entries, and steps quantise from here on. Not told by a run that begins at
     * trained weights.
     *
     * @param epoch epochs done
     * @param kmeans how they got them
     * @param seconds what that took
     */
    record Quantising(int epoch, KMeansMode kmeans, double seconds) implements TrainingNews {}

    /**
     * A step is done.
     *
     * @param epoch epochs done
     * @param epochs epochs in all
     * @param step steps of the current epoch done; 0 at its end
     * @param steps steps per epoch
     * @param loss total loss, mean over the current or else the last epoch's batches
     * @param reconstructionLoss its reconstruction part
     * @param quantisationLoss its quantisation part, before weighting; 0 while nothing is quantised
     * @param learningRate that of the step
     * @param rowsPerSecond training rate of late
     * @param remainingSeconds estimate of what is left
     */
    record Progressed(
            int epoch,
            int epochs,
            int step,
            int steps,
            double loss,
            double reconstructionLoss,
            double quantisationLoss,
            double learningRate,
            double rowsPerSecond,
            double remainingSeconds)
            implements TrainingNews {}

    /**
     * All rows were evaluated.
     *
     * @param epoch epochs done
     * @param losses of the last of these
     * @param best whether these weights are the ones to publish so far
     */
    record Evaluated(int epoch, Losses losses, Evaluation evaluation, boolean best) implements TrainingNews {}

    /**
     * The run is over.
     *
     * @param published the weights to publish, after the last touches
     * @param bests the best weights by each figure, before them
     */
    record Finished(int epochs, Best published, List<Best> bests) implements TrainingNews {}

    /**
     * The best weights by one figure.
     *
     * @param epoch epochs they were trained for
     * @param losses of the last of these
     */
    record Best(SelectionMetric figure, int epoch, Losses losses, Evaluation evaluation) {}

    /** The run cannot go on. */
    record Failed(String reason) implements TrainingNews {}

    /** Whoever wants to know. Called on the training thread, at every step: it must be quick. */
    @FunctionalInterface
    interface Listener {
        /** Takes note. */
        void on(TrainingNews news);
    }
}
