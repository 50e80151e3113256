package io.residua.indexer.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Configuration of the indexer. */
@ConfigMapping(prefix = "residua.index")
public interface IndexerConfig {
    /** Prefix of consumer groups, transactional ids and internal topics. */
    @WithDefault("residua-indexer")
    String applicationId();

    /** State folder of this replica. Each replica needs its own, which must survive restarts. */
    @WithDefault(".residua/indexer")
    Path stateDir();

    /** Maximum number of embeddings per run of the model. */
    @WithDefault("512")
    @Min(1)
    @Max(65536)
    int batchSize();

    /** Threads that one run of the model may use; 0 leaves it to ONNX Runtime. */
    @WithDefault("0")
    @Min(0)
    int encodeThreads();

    /** Encoders that run at the same time, all generations of this replica together; a ready one goes first. */
    @WithDefault("1")
    @Min(1)
    int encodeRuns();

    /** Kafka Streams threads that assign codes. */
    @WithDefault("2")
    @Min(1)
    int streamThreads();

    /** Replicas that keep a copy of each task's state, so that one of them continues at once after a crash. */
    @WithDefault("0")
    @Min(0)
    int standbyReplicas();

    /** Commit interval under load. At low load commits happen within milliseconds. */
    @WithDefault("100ms")
    @DurationMin(millis = 1)
    @DurationMax(seconds = 5)
    Duration commitInterval();

    /** Interval at which the items that wait for an entry are resolved together. */
    @WithDefault("10ms")
    @DurationMin(millis = 1)
    @DurationMax(seconds = 1)
    Duration resolveInterval();

    /** Final temperature of the assignment, relative to the spread of the distances. */
    @WithDefault("0.02")
    @DecimalMin("0.001")
    @DecimalMax("1")
    double sinkhornEpsilon();

    /** Retention of delete markers, which keep an older embedding from reviving a deleted item. */
    @WithDefault("24h")
    @DurationMin(hours = 1)
    Duration deleteMarkerRetention();

    /** Interval at which consumed records are deleted from the internal topics. */
    @WithDefault("1m")
    @DurationMin(seconds = 1)
    Duration purgeInterval();

    /** Minimum share of the items that must have a code before a generation is ready. */
    @WithDefault("0.99")
    @DecimalMin("0")
    @DecimalMax("1")
    double readyCoverage();

    /** How long a generation continues to run after a newer one is ready. */
    @WithDefault("1h")
    @DurationMin(seconds = 0)
    Duration supersedeGrace();

    /** How long the codes of a retired generation are kept. */
    @WithDefault("1h")
    @DurationMin(seconds = 0)
    Duration retireGrace();

    /** Whether the artifacts of a retired generation's model are deleted with its codes. */
    @WithDefault("false")
    boolean retireArtifacts();

    /** Memory for RocksDB's blocks and write buffers, in bytes, for all stores together. */
    @WithDefault("134217728")
    @Min(1048576)
    long stateCacheBytes();
}
