package io.residua.trainer.model;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Platform;
import ai.djl.util.cuda.CudaUtils;
import io.residua.common.device.Device;

/** The PyTorch engine of this process: loaded once, without the network. */
public final class Torch {
    private Torch() {}

    /**
     * Loads the engine and finds the device.
     *
     * @return a new manager of arrays on that device, to be closed by the caller
     * @throws DeviceException if a CUDA device that was asked for cannot be had
     */
    public static NDManager open(Device wanted) {
        System.setProperty("ai.djl.offline", "true");
        try {
            Engine engine = Engine.getEngine("PyTorch");
            keepScripts();
            return engine.newBaseManager(select(wanted, engine.getGpuCount()));
        } catch (EngineException e) {
            throw new DeviceException("PyTorch cannot be loaded: " + e.getMessage(), e);
        }
    }

    /**
     * Name of the device that {@link #open} would find, without loading the engine.
     *
     * @throws DeviceException if a CUDA device that was asked for cannot be had
     */
    public static String probe(Device wanted) {
        boolean cpuBuild = Platform.detectPlatform("pytorch").getFlavor().startsWith("cpu");
        return name(select(wanted, cpuBuild ? 0 : CudaUtils.getGpuCount()));
    }

    private static ai.djl.Device select(Device wanted, int gpus) {
        if (wanted instanceof Device.Cuda cuda) {
            if (cuda.index() >= gpus) {
                throw new DeviceException(
                        "device " + cuda + " cannot be had: this build of PyTorch sees " + gpus + " CUDA devices",
                        null);
            }
            return ai.djl.Device.gpu(cuda.index());
        }
        return wanted instanceof Device.Auto && gpus > 0 ? ai.djl.Device.gpu(0) : ai.djl.Device.cpu();
    }

    /** Name of a manager's device as options spell it. */
    public static String name(ai.djl.Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    }

    /** Optimised scripts round differently from their first calls, so a resumed run would differ from a whole one. */
    private static void keepScripts() {
        JniUtils.setGraphExecutorOptimize(false);
    }

    /** Sets up the calling thread as the one that opened the engine was, but for the threads that its operations use. */
    static void prepareThread(int threads) {
        keepScripts();
        threads(threads);
    }

    /** Threads that operations use on the CPU. */
    public static int threads() {
        return JniUtils.getNumThreads();
    }

    /** Sets the threads that operations use on the CPU. */
    public static void threads(int threads) {
        JniUtils.setNumThreads(threads);
    }

    /** Seeds what the engine itself draws: the dropout. */
    public static void seed(long seed) {
        JniUtils.setSeed(seed);
    }

    /** The device cannot be used. */
    public static final class DeviceException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        DeviceException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
