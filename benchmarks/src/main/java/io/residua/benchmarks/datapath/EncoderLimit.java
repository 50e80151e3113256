package io.residua.benchmarks.datapath;

import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelPublished;
import io.residua.common.inference.OnnxEncoder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** The limit of the pipeline: how many items a second ONNX Runtime alone encodes on this machine, in runs of 512. */
final class EncoderLimit {
    private static final int ROWS = 512;
    private static final int ROUNDS = 3;
    private static final long ROUND_NANOS = 1_000_000_000;

    private EncoderLimit() {}

    /** Rows per second of the fastest of three rounds: other work on the machine only ever takes time. */
    static double rowsPerSecond(ModelPublished model, ItemVectors vectors, int threads) throws IOException {
        Path file = Path.of(URI.create(model.location())).resolve(ModelManifest.ENCODER);
        try (OnnxEncoder encoder = OnnxEncoder.open(file, model.manifest().model(), new Device.Cpu(), threads, ROWS)) {
            var input = encoder.input();
            for (int row = 0; row < ROWS; row++) {
                input.put(vectors.of(row));
            }
            double fastest = 0;
            for (int round = 0; round < ROUNDS; round++) {
                fastest = Math.max(fastest, round(encoder));
            }
            return fastest;
        }
    }

    private static double round(OnnxEncoder encoder) {
        long start = System.nanoTime();
        long rows = 0;
        while (System.nanoTime() - start < ROUND_NANOS) {
            encoder.run(ROWS);
            rows += ROWS;
        }
        return rows * 1e9 / (System.nanoTime() - start);
    }
}
