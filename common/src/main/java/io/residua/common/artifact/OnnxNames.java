package io.residua.common.artifact;

/** Names and shapes of the published ONNX models' inputs and outputs. The batch dimension is free in all of them. */
public final class OnnxNames {
    /** Encoder input, float32 [batch, dim]; decoder output of the same shape. */
    public static final String EMBEDDING = "embedding";
    /** Encoder output, int64 [batch, levels]: the nearest code. */
    public static final String CODES = "codes";
    /** Encoder output, float32 [batch, eDim]; decoder input of the same shape, there the sum of entries. */
    public static final String LATENT = "latent";
    /** Encoder output, float32 [batch]: squared Euclidean distance between latent and sum of nearest entries. */
    public static final String ERROR = "error";

    private OnnxNames() {}
}
