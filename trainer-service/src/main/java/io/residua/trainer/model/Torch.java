package io.residua.trainer.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/** The PyTorch engine of this process: loaded once, without the network. */
public final class Torch {
    private Torch() {}

    /**
     * Loads the engine and finds the device.
     *
     * @param device {@code auto}, {@code cpu} or {@code cuda:N}; {@code auto} takes CUDA where the GPU build and a driver
     *     are present
     * @return a new manager of arrays on that device, to be closed by the caller
     * @throws DeviceException if an explicit CUDA device cannot be had, or {@code device} is none of these
     */
    public static NDManager open(String device) {
        System.setProperty("ai.djl.offline", "true");
        try {
            Engine engine = Engine.getEngine("PyTorch");
            // Gradients are recorded inside a collector and nowhere else.
            JniUtils.setGradMode(false);
            return engine.newBaseManager(select(engine, device));
        } catch (EngineException e) {
            throw new DeviceException("PyTorch cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static Device select(Engine engine, String device) {
        int gpus = engine.getGpuCount();
        if (device.equals("cpu") || (device.equals("auto") && gpus == 0)) {
            return Device.cpu();
        }
        if (device.equals("auto")) {
            return Device.gpu(0);
        }
        if (!device.matches("cuda(:\\d{1,3})?")) {
            throw new DeviceException("device is '" + device + "', expected auto, cpu or cuda:N", null);
        }
        int wanted = device.length() > 5 ? Integer.parseInt(device.substring(5)) : 0;
        if (wanted >= gpus) {
            throw new DeviceException(
                    "device " + device + " cannot be had: this build of PyTorch sees " + gpus + " CUDA devices", null);
        }
        return Device.gpu(wanted);
    }

    /** Name of a manager's device as options spell it. */
    public static String name(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
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
