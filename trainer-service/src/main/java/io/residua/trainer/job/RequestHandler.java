package io.residua.trainer.job;

import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.trainer.job.Job.Stop;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;

/**
 * Handles training requests in order while jobs run: accepts, rejects or cancels them. Ignores a request that has ended
 * already. Runs the acknowledgement of each request when the request has ended.
 */
@ApplicationScoped
class RequestHandler {
    private static final Logger LOG = Logger.getLogger(RequestHandler.class);
    private static final long RETRY_SECONDS = 2;

    private final EventLog events;
    private final JobQueue jobs;
    private final JobRunner runner;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "request-handler"));

    RequestHandler(EventLog events, JobQueue jobs, JobRunner runner) {
        this.events = events;
        this.jobs = jobs;
        this.runner = runner;
    }

    /** Queues a request. */
    void take(Request request, int partition, Runnable acknowledgement) {
        thread.execute(() -> answerUntilDone(request, partition, acknowledgement));
    }

    void close() {
        thread.shutdownNow();
    }

    private void answerUntilDone(Request received, int partition, Runnable acknowledgement) {
        Request request = received;
        while (!thread.isShutdown()) {
            if (!jobs.owns(partition)) {
                LOG.infof("request left to its new owner request=%s", request.requestId());
                return;
            }
            try {
                answer(request, partition, acknowledgement);
                return;
            } catch (KafkaException e) {
                if (!isTooLarge(e)) {
                    LOG.errorf(
                            "request not answered, trying again request=%s cause=%s",
                            request.requestId(), e.getMessage());
                    pause();
                } else if (request.equals(tooLarge(request.requestId()))) {
                    LOG.errorf("not even a short answer can be written request=%s", request.requestId());
                    acknowledgement.run();
                    return;
                } else {
                    LOG.errorf("answer too large, giving a short one request=%s", request.requestId());
                    request = tooLarge(request.requestId());
                }
            } catch (RuntimeException e) {
                LOG.errorf(e, "request cannot be answered request=%s", request.requestId());
                if (!(request instanceof Request.Train train)) {
                    acknowledgement.run();
                    return;
                }
                // Not a train request any more, so that this happens once.
                request = new Request.Invalid(train.requestId(), List.of("the trainer cannot take it: " + e));
            }
        }
    }

    private void answer(Request request, int partition, Runnable acknowledgement) {
        Optional<Type> last = events.lastOf(request.requestId());
        if (last.filter(Type::terminal).isPresent()) {
            acknowledgement.run();
        } else if (request instanceof Request.Train train) {
            Job job = new Job(train, partition, acknowledgement);
            if (last.isEmpty()) {
                events.publish(JobRunner.event(job, Type.ACCEPTED, null, List.of()));
                events.flush();
            }
            jobs.add(job);
        } else if (request instanceof Request.Invalid invalid) {
            reject(invalid.requestId(), partition, invalid.reasons());
            acknowledgement.run();
        } else {
            cancel(request.requestId(), partition, acknowledgement);
        }
    }

    private void cancel(String requestId, int partition, Runnable acknowledgement) {
        Optional<Job> waiting = jobs.withdraw(requestId);
        Optional<Job> running = jobs.running(requestId);
        if (waiting.isPresent() && running.isEmpty()) {
            try {
                runner.end(waiting.get(), Type.CANCELLED, null);
            } catch (KafkaException e) {
                jobs.add(waiting.get());
                throw e;
            }
            waiting.get().acknowledge();
            acknowledgement.run();
        } else if (running.isPresent()) {
            // A job that ends by itself just now acknowledges what it knows of; then the cancellation came too late.
            running.get().alsoAcknowledge(acknowledgement);
            running.get().stop(Stop.CANCELLED);
        } else {
            reject(requestId, partition, List.of("there is no such request to cancel"));
            acknowledgement.run();
        }
    }

    private void reject(String requestId, int partition, List<String> reasons) {
        TrainingEvent event = new TrainingEvent(requestId, Type.REJECTED, Instant.now(), null, null, reasons);
        events.end(partition, event, Optional.empty());
    }

    /** Trying again does not help: the producer or the topic takes no record as large as the answer. */
    private static boolean isTooLarge(KafkaException e) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof RecordTooLargeException)) {
            cause = cause.getCause();
        }
        return cause != null;
    }

    private static Request.Invalid tooLarge(String requestId) {
        return new Request.Invalid(requestId, List.of("too large to say why"));
    }

    private static void pause() {
        try {
            TimeUnit.SECONDS.sleep(RETRY_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
