package io.residua.common.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.residua.common.device.Device;
import java.io.IOException;
import org.jboss.logging.Logger;

/** Opens ONNX Runtime sessions on the device that is asked for. */
public final class OnnxSessions {
    private static final Logger LOG = Logger.getLogger(OnnxSessions.class);

    private OnnxSessions() {}

    /**
     * A session and where it runs.
     *
     * @param device {@code cpu} or {@code cuda:N}
     */
    record OpenSession(OrtSession session, Device device) {}

    /**
     * Opens a model. {@code auto} falls back to the CPU, with a line in the log; a device named explicitly does not.
     *
     * @param model a model file's content
     * @param wanted where to run it
     * @param threads of one run, 0 for ONNX Runtime's choice
     * @throws OrtException if it is no usable model, or the named device cannot be had
     */
    static OpenSession open(byte[] model, Device wanted, int threads) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        if (wanted instanceof Device.Cuda cuda) {
            return openCuda(environment, model, cuda, threads);
        }
        if (wanted instanceof Device.Auto
                && OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            try {
                return openCuda(environment, model, new Device.Cuda(0), threads);
            } catch (OrtException e) {
                LOG.infof("no CUDA device, running on the CPU cause=%s", e.getMessage());
            }
        }
        try (SessionOptions options = options(threads)) {
            return new OpenSession(environment.createSession(model, options), new Device.Cpu());
        }
    }

    /**
     * Makes sure that models can run on a device, before there is one.
     *
     * @throws IOException if a device is named that cannot be had; {@code auto} and {@code cpu} always can
     */
    public static void requireDevice(Device device) throws IOException {
        if (device instanceof Device.Cuda cuda) {
            try (SessionOptions options = options(0)) {
                addCuda(options, cuda);
            } catch (OrtException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private static void addCuda(SessionOptions options, Device.Cuda device) throws OrtException {
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new OrtException("device " + device
                    + " cannot be had: this build has no CUDA, build with the Maven profile 'gpu' or use cpu");
        }
        options.addCUDA(device.index());
    }

    private static OpenSession openCuda(OrtEnvironment environment, byte[] model, Device.Cuda device, int threads)
            throws OrtException {
        try (SessionOptions options = options(threads)) {
            addCuda(options, device);
            return new OpenSession(environment.createSession(model, options), device);
        }
    }

    private static SessionOptions options(int threads) throws OrtException {
        SessionOptions options = new SessionOptions();
        options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
        if (threads > 0) {
            options.setIntraOpNumThreads(threads);
        }
        // Between runs, threads must not burn the cores that Kafka Streams needs.
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }
}
