package io.residua.trainer.run;

import java.time.Duration;

/** How fast a run goes, and when it is time to tell. */
final class Pace {
    private static final Duration TELL_EVERY = Duration.ofMillis(250);
    /** Share of the newest interval in the smoothed rate. */
    private static final double SMOOTHING = 0.2;

    private final int epochs;
    private final int steps;
    private long told = System.nanoTime();
    private long done;
    private double stepsPerSecond = Double.NaN;

    Pace(int epochs, int steps, int epoch, int step) {
        this.epochs = epochs;
        this.steps = steps;
        this.done = (long) epoch * steps + step;
    }

    /** Whether enough time has passed since it was told last. */
    boolean tellNow(RunState state) {
        return state.step() < steps && System.nanoTime() - told > TELL_EVERY.toNanos();
    }

    /** What there is to tell. */
    TrainingNews.Progressed news(RunState state, Losses losses, double learningRate, int batch) {
        long now = System.nanoTime();
        long doneNow = (long) state.epoch() * steps + state.step();
        double rate = (doneNow - done) / ((now - told) / 1e9);
        stepsPerSecond = Double.isNaN(stepsPerSecond) ? rate : stepsPerSecond + SMOOTHING * (rate - stepsPerSecond);
        told = now;
        done = doneNow;
        double remaining = ((long) epochs * steps - doneNow) / Math.max(stepsPerSecond, 1e-9);
        boolean whole = state.step() == steps;
        return new TrainingNews.Progressed(
                whole ? state.epoch() + 1 : state.epoch(),
                epochs,
                whole ? 0 : state.step(),
                steps,
                losses.total(),
                losses.reconstruction(),
                losses.quantisation(),
                learningRate,
                stepsPerSecond * batch,
                remaining);
    }
}
