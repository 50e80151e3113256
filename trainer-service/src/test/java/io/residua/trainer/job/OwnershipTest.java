package io.residua.trainer.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.TrainingEvent;
import io.residua.trainer.metrics.TestMeters;
import io.residua.trainer.metrics.TrainerMeters;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs and requests of partitions that come and go. */
class OwnershipTest {
    @TempDir
    Path root;

    private final TrainerMeters meters = TestMeters.create();
    private final JobQueue jobs = new JobQueue(null, meters);

    @Test
    void jobsWaitWhileTheirPartitionIsOwned() {
        // Given
        jobs.own(Set.of(1, 2));
        jobs.add(job("a", 1));
        jobs.add(job("b", 2));

        // When
        jobs.release(Set.of(1));
        jobs.add(job("late", 1));

        // Then
        assertThat(jobs.waitingJobs()).isEqualTo(1);
        assertThat(jobs.withdraw("b")).isPresent();
    }

    @Test
    void requestOfAPartitionThatWentAwayIsLeftToItsNewOwner() throws Exception {
        // Given
        MemoryKafka kafka = new MemoryKafka("training-events");
        EventLog events = new EventLog(kafka, TestConfig.topics(), new TestConfig(root), meters);
        RequestHandler handler = new RequestHandler(events, jobs, null);
        AtomicInteger acknowledged = new AtomicInteger();
        CountDownLatch answered = new CountDownLatch(1);
        jobs.own(Set.of(1, 2));
        jobs.release(Set.of(1));

        // When
        handler.take(new Request.Cancel("elsewhere"), 1, acknowledged::incrementAndGet);
        handler.take(new Request.Train("elsewhere", Optional.empty(), List.of()), 1, acknowledged::incrementAndGet);
        handler.take(new Request.Cancel("here"), 2, answered::countDown);

        // Then
        assertThat(answered.await(1, TimeUnit.MINUTES)).isTrue();
        handler.close();
        assertThat(kafka.events("training-events", TrainingEvent.class))
                .extracting(TrainingEvent::requestId)
                .containsExactly("here");
        assertThat(acknowledged).hasValue(0);
        assertThat(jobs.waitingJobs()).isZero();
    }

    private static Job job(String requestId, int partition) {
        return new Job(new Request.Train(requestId, Optional.empty(), List.of()), partition, () -> {});
    }
}
