package io.residua.benchmarks;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.embedding.Fingerprint;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.event.CloudEvents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One embedding decoded or fingerprinted. The limit is a plain copy of its float32 bytes into the encoder's buffer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EmbeddingBenchmark {
    /** Elements of the embedding. */
    @Param({"384", "4096"})
    public int dim;

    private final Headers rawHeaders = headers(CloudEvents.OCTET_STREAM);
    private final Headers jsonHeaders = headers(CloudEvents.JSON);
    private byte[] raw;
    private byte[] json;
    private ByteBuffer bytes;
    private FloatBuffer target;

    /** An embedding of unit length, in both forms, and a direct buffer as ONNX Runtime reads from. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        float[] vector = new float[dim];
        for (int d = 0; d < dim; d++) {
            vector[d] = (float) (random.nextGaussian() / Math.sqrt(dim));
        }
        raw = EmbeddingFormat.encodeRaw(vector);
        json = EmbeddingFormat.encodeJson(vector);
        bytes = ByteBuffer.allocateDirect(raw.length).order(ByteOrder.nativeOrder());
        target = bytes.asFloatBuffer();
        target.put(0, vector);
    }

    @Benchmark
    public FloatBuffer decodeRaw() throws InvalidEmbeddingException {
        EmbeddingFormat.decode(raw, rawHeaders, dim, target.clear());
        return target;
    }

    @Benchmark
    public FloatBuffer decodeJson() throws InvalidEmbeddingException {
        EmbeddingFormat.decode(json, jsonHeaders, dim, target.clear());
        return target;
    }

    @Benchmark
    public long fingerprint() {
        return Fingerprint.of(target, 0, dim);
    }

    @Benchmark
    public ByteBuffer copy() {
        return bytes.put(0, raw);
    }

    private static Headers headers(String contentType) {
        return new RecordHeaders().add(CloudEvents.CONTENT_TYPE, contentType.getBytes(StandardCharsets.UTF_8));
    }
}
