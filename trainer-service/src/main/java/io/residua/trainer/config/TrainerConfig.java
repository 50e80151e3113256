package io.residua.trainer.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How the trainer works. */
@ConfigMapping(prefix = "residua.trainer")
public interface TrainerConfig {
    /** What the consumer group and transactional ids begin with. */
    @WithDefault("residua-trainer")
    String applicationId();

    /** Where this replica keeps what only it needs; one folder per replica, the same after a restart. */
    @WithDefault(".residua/trainer")
    Path stateDir();

    /** Folder below which requests may name {@code .npy} files; without it none may. */
    Optional<Path> dataRoot();

    /**
     * Where jobs keep what they need to go on, seen by all replicas; {@code jobs} below the artifacts' folder when absent.
     */
    Optional<Path> jobsDir();

    /** Heap of a job's process. Arrays of the training itself lie outside it. */
    @WithDefault("1g")
    String jobHeap();

    /** CPU threads of a job; all cores when absent. */
    Optional<Integer> jobThreads();

    /** How often a job's process may crash, not start, or end without a model before the job has failed. */
    @WithDefault("3")
    int maxCrashes();

    /** Least time between two progress events of a job. */
    @WithDefault("500ms")
    Duration progressInterval();

    /** How long a job's process may take to stop in order. */
    @WithDefault("10s")
    Duration stopTimeout();
}
