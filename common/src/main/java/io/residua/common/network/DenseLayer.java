package io.residua.common.network;

import java.util.ArrayList;
import java.util.List;

/**
 * One layer of an MLP and the names of its weights. The names are those of the Python reference, which numbers every
 * module of the stack: dropout, linear, then batch normalisation if there is one, then the activation.
 *
 * @param linear prefix of the linear part's names
 * @param norm prefix of the batch normalisation's names, or {@code null}
 * @param in floats in
 * @param out floats out
 * @param activated whether a ReLU follows
 */
public record DenseLayer(String linear, String norm, int in, int out, boolean activated) {
    /** Shift inside the square root of a batch normalisation. */
    public static final double NORM_EPSILON = 1e-5;

    static List<DenseLayer> stack(String mlp, List<Integer> widths, boolean batchNorm) {
        List<DenseLayer> layers = new ArrayList<>();
        int module = 0;
        for (int i = 0; i + 1 < widths.size(); i++) {
            boolean last = i + 2 == widths.size();
            String linear = mlp + ".mlp_layers." + (module + 1);
            String norm = batchNorm && !last ? mlp + ".mlp_layers." + (module + 2) : null;
            layers.add(new DenseLayer(linear, norm, widths.get(i), widths.get(i + 1), !last));
            module += norm == null ? 3 : 4;
        }
        return layers;
    }

    /** Weight, [out, in]. */
    public String weight() {
        return linear + ".weight";
    }

    /** Bias, [out]. */
    public String bias() {
        return linear + ".bias";
    }

    /** The batch normalisation's scale, [out]. */
    public String scale() {
        return norm + ".weight";
    }

    /** The batch normalisation's shift, [out]. */
    public String shift() {
        return norm + ".bias";
    }

    /** Mean that evaluation normalises with, [out]. */
    public String runningMean() {
        return norm + ".running_mean";
    }

    /** Variance that evaluation normalises with, [out]. */
    public String runningVariance() {
        return norm + ".running_var";
    }

    /** Number of batches the running figures have seen, int64, no dimensions. */
    public String batchesTracked() {
        return norm + ".num_batches_tracked";
    }
}
