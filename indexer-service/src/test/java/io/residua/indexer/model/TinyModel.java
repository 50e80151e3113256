package io.residua.indexer.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.ModelPublished;
import io.residua.common.network.NetworkConfig;
import io.residua.common.quantise.Codebooks;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model whose codes a test can tell in advance: the latent is the first {@code eDim} elements of the embedding, and the
 * codebooks are given. A real ONNX file with the published contract all the same.
 *
 * @param dim floats per embedding
 * @param eDim floats per latent
 * @param codebooks per level its entries one after another
 */
public record TinyModel(int dim, int eDim, float[][] codebooks) {
    /** The model's shape. */
    public ModelShape shape() {
        List<Integer> sizes = new ArrayList<>();
        for (float[] codebook : codebooks) {
            sizes.add(codebook.length / eDim);
        }
        return new ModelShape(dim, List.of(), eDim, sizes);
    }

    /** The codebooks, to compute what is to be expected. */
    public Codebooks quantiser() {
        return Codebooks.of(eDim, codebooks);
    }

    /** Writes the files a model consists of. */
    public Map<String, Path> write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path encoder =
                Files.write(folder.resolve(ModelManifest.ENCODER), encoder().toByteArray());
        Path checkpoint = folder.resolve(ModelManifest.CHECKPOINT);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int level = 0; level < codebooks.length; level++) {
            tensors.put(
                    NetworkConfig.codebook(level), Tensor.of(codebooks[level], codebooks[level].length / eDim, eDim));
        }
        Safetensors.write(checkpoint, tensors, Map.of());
        return Map.of(ModelManifest.ENCODER, encoder, ModelManifest.CHECKPOINT, checkpoint);
    }

    /** Publishes the model in a store, and returns the event that announces it. */
    public ModelPublished publish(ArtifactStore store, String version, Path workFolder) throws IOException {
        TrainingMetrics none = new TrainingMetrics(0, 0, 0, 0, 0, 0, List.of(), 0);
        PublishedModel model = store.publish(version, shape(), none, write(workFolder));
        return new ModelPublished(
                version, null, model.location(), model.manifestSha256(), model.manifest(), Instant.now());
    }

    private ModelProto encoder() {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("encoder");
        float[] identity = new float[eDim * dim];
        for (int i = 0; i < eDim; i++) {
            identity[i * dim + i] = 1;
        }
        graph.addInput(value(OnnxNames.EMBEDDING, TensorProto.DataType.FLOAT, dim));
        graph.addInitializer(constant("projection", identity, eDim, dim));
        graph.addInitializer(constant("zero", new float[eDim], eDim));
        graph.addInitializer(TensorProto.newBuilder()
                .setName("axis")
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(1)
                .addInt64Data(1));
        node(graph, "Gemm", OnnxNames.LATENT, List.of(OnnxNames.EMBEDDING, "projection", "zero"), whole("transB", 1));
        String residual = OnnxNames.LATENT;
        List<String> codes = new ArrayList<>();
        for (int level = 0; level < codebooks.length; level++) {
            residual = level(graph, level, residual, codes);
        }
        node(graph, "Concat", OnnxNames.CODES, codes, whole("axis", 1));
        node(graph, "ReduceSumSquare", OnnxNames.ERROR, List.of(residual), axes(), whole("keepdims", 0));
        graph.addOutput(value(OnnxNames.CODES, TensorProto.DataType.INT64, codebooks.length));
        graph.addOutput(value(OnnxNames.LATENT, TensorProto.DataType.FLOAT, eDim));
        graph.addOutput(value(OnnxNames.ERROR, TensorProto.DataType.FLOAT));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build();
    }

    private String level(GraphProto.Builder graph, int level, String residual, List<String> codes) {
        float[] entries = codebooks[level];
        int size = entries.length / eDim;
        float[] norms = new float[size];
        for (int i = 0; i < entries.length; i++) {
            norms[i / eDim] += entries[i] * entries[i];
        }
        graph.addInitializer(constant("book" + level, entries, size, eDim));
        graph.addInitializer(constant("norms" + level, norms, size));
        AttributeProto alpha = AttributeProto.newBuilder()
                .setName("alpha")
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(-2)
                .build();
        List<String> operands = List.of(residual, "book" + level, "norms" + level);
        node(graph, "Gemm", "distances" + level, operands, alpha, whole("transB", 1));
        node(graph, "ArgMin", "code" + level, List.of("distances" + level), whole("axis", 1), whole("keepdims", 0));
        node(graph, "Unsqueeze", "column" + level, List.of("code" + level, "axis"));
        node(graph, "Gather", "entry" + level, List.of("book" + level, "code" + level), whole("axis", 0));
        node(graph, "Sub", "residual" + level, List.of(residual, "entry" + level));
        codes.add("column" + level);
        return "residual" + level;
    }

    private static void node(
            GraphProto.Builder graph, String operator, String out, List<String> in, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .setName(out)
                .addAllInput(in)
                .addOutput(out)
                .addAllAttribute(List.of(attributes)));
    }

    private static AttributeProto whole(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto axes() {
        return AttributeProto.newBuilder()
                .setName("axes")
                .setType(AttributeProto.AttributeType.INTS)
                .addInts(1)
                .build();
    }

    private static TensorProto constant(String name, float[] values, int... shape) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
        for (int size : shape) {
            tensor.addDims(size);
        }
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return tensor.build();
    }

    private static ValueInfoProto value(String name, TensorProto.DataType type, int... columns) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
        for (int column : columns) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(column));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(shape)))
                .build();
    }
}
