package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The network's weights on the device, under the Python reference's names and in its order. What gradients train are
 * the <em>parameters</em>; the running figures of batch normalisations are weights, but no parameters. They all live as
 * long as the manager they were made in.
 */
public final class Weights {
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Map<String, NDArray> gradients = new LinkedHashMap<>();

    private final NDManager manager;

    /** Weights of that network, all zero but the scales and variances of batch normalisations, which are one. */
    public Weights(NetworkConfig config, NDManager manager) {
        this.manager = manager;
        config.encoder().forEach(layer -> allocate(layer, manager));
        for (int level = 0; level < config.levels(); level++) {
            int size = config.shape().codebookSizes().get(level);
            parameter(
                    NetworkConfig.codebook(level),
                    manager.zeros(new Shape(size, config.shape().eDim())));
        }
        config.decoder().forEach(layer -> allocate(layer, manager));
    }

    private void allocate(DenseLayer layer, NDManager manager) {
        Shape perOutput = new Shape(layer.out());
        parameter(layer.weight(), manager.zeros(new Shape(layer.out(), layer.in())));
        parameter(layer.bias(), manager.zeros(perOutput));
        if (layer.norm() != null) {
            parameter(layer.scale(), manager.ones(perOutput));
            parameter(layer.shift(), manager.zeros(perOutput));
            arrays.put(layer.runningMean(), manager.zeros(perOutput));
            arrays.put(layer.runningVariance(), manager.ones(perOutput));
            arrays.put(layer.batchesTracked(), manager.zeros(new Shape(), DataType.INT64));
        }
    }

    private void parameter(String name, NDArray array) {
        arrays.put(name, array);
        gradients.put(name, array.zerosLike());
    }

    /** Draws the linear layers from Xavier's normal distribution (Glorot and Bengio 2010) and zeroes their biases. */
    public void initialise(NetworkConfig config, SplittableRandom random) {
        List<DenseLayer> layers = new ArrayList<>(config.encoder());
        layers.addAll(config.decoder());
        for (DenseLayer layer : layers) {
            double deviation = Math.sqrt(2.0 / (layer.in() + layer.out()));
            ByteBuffer values = buffer(get(layer.weight()));
            while (values.hasRemaining()) {
                values.putFloat((float) (deviation * random.nextGaussian()));
            }
            set(layer.weight(), values.flip());
        }
    }

    /** Draws every codebook of K entries uniformly from ±1/K. */
    public void initialiseCodebooks(NetworkConfig config, SplittableRandom random) {
        for (int level = 0; level < config.levels(); level++) {
            String name = NetworkConfig.codebook(level);
            double bound = 1.0 / config.shape().codebookSizes().get(level);
            ByteBuffer values = buffer(get(name));
            while (values.hasRemaining()) {
                values.putFloat((float) random.nextDouble(-bound, bound));
            }
            set(name, values.flip());
        }
    }

    /**
     * Takes over the weights of a checkpoint.
     *
     * @throws IllegalArgumentException if it is of another network
     */
    public void load(Checkpoint checkpoint) {
        if (!checkpoint.tensors().keySet().equals(arrays.keySet())) {
            throw new IllegalArgumentException(
                    "the checkpoint has weights " + checkpoint.tensors().keySet() + ", expected " + arrays.keySet());
        }
        checkpoint.tensors().forEach((name, tensor) -> {
            if (!Arrays.equals(tensor.shape(), shape(name))) {
                throw new IllegalArgumentException("the checkpoint's weight " + name + " is " + tensor + ", expected "
                        + get(name).getShape());
            }
            set(name, tensor.bytes());
        });
    }

    /** Where they live. */
    NDManager manager() {
        return manager;
    }

    /** Names of all weights, in the reference's order. */
    public List<String> names() {
        return List.copyOf(arrays.keySet());
    }

    /** Names of the parameters, in the reference's order. */
    public List<String> parameters() {
        return List.copyOf(gradients.keySet());
    }

    /** The weight itself; whoever holds it sees every change. */
    public NDArray get(String name) {
        return require(arrays, name);
    }

    /** A parameter's gradient: the last backward pass's until the optimiser uses it up. */
    public NDArray gradient(String name) {
        return require(gradients, name);
    }

    /** Whether every parameter is made of finite numbers. */
    public boolean areFinite() {
        try (NDScope scope = new NDScope()) {
            return gradients.keySet().stream()
                    .allMatch(name -> Float.isFinite(get(name).sum().getFloat()));
        }
    }

    /** Shape of a weight. */
    public long[] shape(String name) {
        return get(name).getShape().getShape();
    }

    /** A copy of a weight's elements in C order, little-endian. */
    public ByteBuffer read(String name) {
        ByteBuffer copy = get(name).toByteBuffer(false).order(ByteOrder.LITTLE_ENDIAN);
        return copy.rewind();
    }

    /** All weights as they are now, by name. */
    public Map<String, ByteBuffer> copy() {
        Map<String, ByteBuffer> copies = new LinkedHashMap<>();
        names().forEach(name -> copies.put(name, read(name)));
        return Collections.unmodifiableMap(copies);
    }

    /**
     * Replaces a weight's elements.
     *
     * @param values as many elements as the weight has, C order, little-endian
     */
    public void set(String name, ByteBuffer values) {
        NDArray array = get(name);
        ByteBuffer data = buffer(array);
        if (values.remaining() != data.remaining()) {
            throw new IllegalArgumentException(
                    "weight " + name + " has " + data.remaining() + " bytes, not " + values.remaining());
        }
        data.put(values.duplicate()).flip();
        try (NDArray incoming = array.getManager().create(data, array.getShape(), array.getDataType())) {
            array.set(new NDIndex("..."), incoming);
        }
    }

    private static ByteBuffer buffer(NDArray array) {
        int bytes = Math.toIntExact(array.size() * array.getDataType().getNumOfBytes());
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static NDArray require(Map<String, NDArray> map, String name) {
        NDArray array = map.get(name);
        if (array == null) {
            throw new IllegalArgumentException("there is no weight " + name + ", only " + map.keySet());
        }
        return array;
    }
}
