package io.residua.trainer.run;

import java.time.Duration;

/** Measures the throughput of a training run and limits how often progress is reported. */
final class ThroughputMeter {
    private static final Duration REPORT_INTERVAL = Duration.ofMillis(250);
    /** Share of the newest interval in the smoothed rate. */
    private static final double SMOOTHING = 0.2;

    private final int epochs;
    private final int steps;
    private long lastReport = System.nanoTime();
    private long done;
    private double stepsPerSecond = Double.NaN;

    ThroughputMeter(int epochs, int steps, int epoch, int step) {
        this.epochs = epochs;
        this.steps = steps;
        this.done = (long) epoch * steps + step;
    }

    /** Whether the interval since the last report is over. */
    boolean isReportDue(RunState state) {
        return state.step() < steps && System.nanoTime() - lastReport > REPORT_INTERVAL.toNanos();
    }

    /** The progress report, with the smoothed rate. */
    TrainingNews.Progressed news(RunState state, Losses losses, double learningRate, int batch) {
        long now = System.nanoTime();
        long doneNow = (long) state.epoch() * steps + state.step();
        double rate = (doneNow - done) / ((now - lastReport) / 1e9);
        stepsPerSecond = Double.isNaN(stepsPerSecond) ? rate : stepsPerSecond + SMOOTHING * (rate - stepsPerSecond);
        lastReport = now;
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
