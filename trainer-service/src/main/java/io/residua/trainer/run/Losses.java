package io.residua.trainer.run;

/**
 * Losses of an epoch, means over its batches.
 *
 * @param total what is minimised
 * @param reconstruction its reconstruction part
 * @param quantisation its quantisation part, before weighting; 0 while nothing is quantised
 */
public record Losses(double total, double reconstruction, double quantisation) {
    static final Losses NONE = new Losses(0, 0, 0);
}
