package io.residua.common.onnx;

import static io.residua.common.onnx.OnnxGraph.attribute;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.Checkpoint.Affine;
import io.residua.common.network.DenseLayer;
import java.util.ArrayList;
import java.util.List;

/** Turns a trained network into the two published ONNX models, whose contract is {@link OnnxNames}. */
public final class OnnxExport {
    private OnnxExport() {}

    /** The model that maps embeddings to codes, latents and errors. */
    public static byte[] encoder(Checkpoint checkpoint) {
        ModelShape shape = checkpoint.network().shape();
        OnnxGraph graph = new OnnxGraph("encoder");
        String embedding = graph.input(OnnxNames.EMBEDDING, -1, shape.dim());
        String latent = mlp(graph, checkpoint, checkpoint.network().encoder(), embedding, OnnxNames.LATENT);
        String axis = graph.constant("axis", 1);
        List<String> codes = new ArrayList<>();
        String residual = latent;
        for (int level = 0; level < shape.levels(); level++) {
            String prefix = "level." + level + ".";
            int size = shape.codebookSizes().get(level);
            float[] entries = checkpoint.codebook(level);
            String codebook = graph.constant(prefix + "codebook", entries, size, shape.eDim());
            String norms = graph.constant(prefix + "norms", squaredNorms(entries, shape.eDim()), size);
            // ‖r‖² is left out: it is the same for all entries.
            String distances = graph.node(
                    "Gemm",
                    prefix + "distances",
                    List.of(residual, codebook, norms),
                    attribute("alpha", -2f),
                    attribute("beta", 1f),
                    attribute("transB", 1L));
            String code = graph.node(
                    "ArgMin", prefix + "code", List.of(distances), attribute("axis", 1L), attribute("keepdims", 0L));
            codes.add(graph.node("Unsqueeze", prefix + "column", List.of(code, axis)));
            String entry = graph.node("Gather", prefix + "entry", List.of(codebook, code), attribute("axis", 0L));
            residual = graph.node("Sub", prefix + "residual", List.of(residual, entry));
        }
        graph.node("Concat", OnnxNames.CODES, codes, attribute("axis", 1L));
        graph.node(
                "ReduceSumSquare",
                OnnxNames.ERROR,
                List.of(residual),
                attribute("axes", List.of(1L)),
                attribute("keepdims", 0L));
        graph.output(OnnxNames.CODES, DataType.INT64, -1, shape.levels());
        graph.output(OnnxNames.LATENT, DataType.FLOAT, -1, shape.eDim());
        graph.output(OnnxNames.ERROR, DataType.FLOAT, -1);
        return graph.model();
    }

    /** The model that maps sums of entries to embeddings. */
    public static byte[] decoder(Checkpoint checkpoint) {
        ModelShape shape = checkpoint.network().shape();
        OnnxGraph graph = new OnnxGraph("decoder");
        String latent = graph.input(OnnxNames.LATENT, -1, shape.eDim());
        mlp(graph, checkpoint, checkpoint.network().decoder(), latent, OnnxNames.EMBEDDING);
        graph.output(OnnxNames.EMBEDDING, DataType.FLOAT, -1, shape.dim());
        return graph.model();
    }

    private static String mlp(
            OnnxGraph graph, Checkpoint checkpoint, List<DenseLayer> layers, String input, String output) {
        String h = input;
        for (DenseLayer layer : layers) {
            Affine affine = checkpoint.affine(layer);
            String weight = graph.constant(layer.weight(), affine.weight(), layer.out(), layer.in());
            String bias = graph.constant(layer.bias(), affine.bias(), layer.out());
            h = graph.node(
                    "Gemm",
                    layer.activated() ? layer.linear() : output,
                    List.of(h, weight, bias),
                    attribute("transB", 1L));
            if (layer.activated()) {
                h = graph.node("Relu", layer.linear() + ".relu", List.of(h));
            }
        }
        return h;
    }

    private static float[] squaredNorms(float[] entries, int eDim) {
        float[] norms = new float[entries.length / eDim];
        for (int i = 0; i < norms.length; i++) {
            double sum = 0;
            for (int j = 0; j < eDim; j++) {
                sum += (double) entries[i * eDim + j] * entries[i * eDim + j];
            }
            norms[i] = (float) sum;
        }
        return norms;
    }
}
