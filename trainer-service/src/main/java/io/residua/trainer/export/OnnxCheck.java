package io.residua.trainer.export;

import ai.djl.ndarray.NDArray;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.RqVae;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Compares the published ONNX model on ONNX Runtime with the network as it was trained. Their codes must be the same,
 * but for near-ties: where both entries are equally near within {@value #NEAR_TIE} of the latent's squared norm, either
 * may win, since rounding decides.
 */
public final class OnnxCheck {
    /** Difference of squared distances, relative to the latent's squared norm, below which two entries are tied. */
    public static final double NEAR_TIE = 1e-4;

    private OnnxCheck() {}

    /**
     * What the comparison found.
     *
     * @param rows rows compared
     * @param distinctCodes different codes among them
     * @param nearTies rows whose codes differ by a near-tie
     */
    public record Agreement(int rows, int distinctCodes, int nearTies) {}

    /**
     * Compares the codes of some embeddings.
     *
     * @param embeddings in their own units, [rows, dim]
     * @param inputs the same as the network takes them
     * @throws ParityException if a row's codes differ and it is no near-tie
     */
    public static Agreement compare(Path encoder, NDArray embeddings, RqVae model, NDArray inputs) {
        float[] rows = embeddings.toFloatArray();
        int levels = model.config().levels();
        int eDim = model.config().shape().eDim();
        float[] latents = model.encode(inputs).toFloatArray();
        List<NDArray> nearest = model.nearest(model.encode(inputs));
        long[][] expected = new long[levels][];
        for (int level = 0; level < levels; level++) {
            expected[level] = nearest.get(level).toLongArray();
        }
        long[][] actual = codes(encoder, rows, model.config().shape());
        int nearTies = 0;
        for (int row = 0; row < actual.length; row++) {
            for (int level = 0; level < levels; level++) {
                if (actual[row][level] != expected[level][row]) {
                    float[] residual = residual(model, latents, row, eDim, expected, level);
                    requireNearTie(model, residual, row, level, expected[level][row], actual[row][level], latents);
                    nearTies++;
                    break;
                }
            }
        }
        int distinct = (int) Stream.of(actual).map(LongBuffer::wrap).distinct().count();
        return new Agreement(actual.length, distinct, nearTies);
    }

    /** What the levels before {@code level} leave over of a row's latent. */
    private static float[] residual(RqVae model, float[] latents, int row, int eDim, long[][] codes, int level) {
        float[] residual = Arrays.copyOfRange(latents, row * eDim, (row + 1) * eDim);
        for (int before = 0; before < level; before++) {
            float[] entries =
                    model.weights().get(NetworkConfig.codebook(before)).toFloatArray();
            for (int i = 0; i < eDim; i++) {
                residual[i] -= entries[(int) codes[before][row] * eDim + i];
            }
        }
        return residual;
    }

    private static void requireNearTie(
            RqVae model, float[] residual, int row, int level, long expected, long actual, float[] latents) {
        int eDim = residual.length;
        float[] entries = model.weights().get(NetworkConfig.codebook(level)).toFloatArray();
        double gap = Math.abs(
                squaredDistance(residual, entries, (int) actual) - squaredDistance(residual, entries, (int) expected));
        double norm = 0;
        for (int i = 0; i < eDim; i++) {
            norm += (double) latents[row * eDim + i] * latents[row * eDim + i];
        }
        if (!(gap <= NEAR_TIE * norm)) {
            throw new ParityException("ONNX gives row " + row + " code " + actual + " at level " + level
                    + ", training gave " + expected + "; their squared distances differ by " + gap);
        }
    }

    private static double squaredDistance(float[] residual, float[] entries, int code) {
        double sum = 0;
        for (int i = 0; i < residual.length; i++) {
            double difference = residual[i] - entries[code * residual.length + i];
            sum += difference * difference;
        }
        return sum;
    }

    private static long[][] codes(Path file, float[] rows, ModelShape shape) {
        int count = rows.length / shape.dim();
        try (OnnxEncoder encoder = OnnxEncoder.open(file, shape, new Device.Cpu(), 1, count)) {
            encoder.input().put(rows);
            encoder.run(count);
            long[][] codes = new long[count][shape.levels()];
            LongBuffer all = encoder.codes();
            for (long[] code : codes) {
                all.get(code);
            }
            return codes;
        } catch (IOException | IllegalStateException e) {
            throw new ParityException("ONNX Runtime cannot run " + file + ": " + e.getMessage());
        }
    }

    /** The exported model does not do what was trained. */
    public static final class ParityException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ParityException(String message) {
            super(message);
        }
    }
}
