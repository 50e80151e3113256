package io.residua.trainer.job;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.ArtifactStore.VersionTakenException;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.common.topic.TopicsConfig;
import io.residua.trainer.cli.TrainCommand;
import io.residua.trainer.config.TrainerConfig;
import io.residua.trainer.export.ModelFiles;
import io.residua.trainer.job.Job.Stop;
import io.residua.trainer.metrics.TrainerMeters;
import io.residua.trainer.snapshot.EmbeddingSnapshot;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Takes a job to its end: data, training in a process of its own, publication, terminal event. Each step finds what an
 * earlier owner has done of it, so that a job can be taken up anywhere.
 */
@ApplicationScoped
class JobRunner {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);

    private final TrainerConfig config;
    private final TopicsConfig topics;
    private final KafkaClients clients;
    private final EventLog events;
    private final TrainerMeters meters;
    private final Installation installation;

    JobRunner(
            TrainerConfig config,
            TopicsConfig topics,
            KafkaClients clients,
            EventLog events,
            TrainerMeters meters,
            Installation installation) {
        this.config = config;
        this.topics = topics;
        this.clients = clients;
        this.events = events;
        this.meters = meters;
        this.installation = installation;
    }

    /**
     * Runs a job until it ends or is stopped.
     *
     * @return whether the request has ended; if not, the job was released
     * @throws IOException if the job's folder or the artifacts cannot be used, or its process cannot be started, now
     */
    boolean run(Job job) throws IOException, InterruptedException {
        String requestId = job.request().requestId();
        if (events.lastOf(requestId).filter(Type::terminal).isPresent()) {
            return true;
        }
        JobFolder folder = JobFolder.open(installation.jobs(), job.request().modelVersion());
        try {
            if (!foundPublished(job)) {
                Path data = data(job, folder);
                train(job, data, folder);
                publish(job, folder);
            }
        } catch (CancellationException e) {
            if (job.stopRequested() == Stop.RELEASED) {
                return false;
            }
            end(job, Type.CANCELLED, null);
        } catch (KafkaException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            if (!(e instanceof JobFailedException)) {
                LOG.errorf(e, "job failed unexpectedly request=%s", requestId);
            }
            end(job, Type.FAILED, e instanceof JobFailedException ? e.getMessage() : e.toString());
            folder.deleteAllButLog();
            return true;
        }
        folder.delete();
        return true;
    }

    /** A version has one model for ever: a request that leads to one that is there has succeeded. */
    private boolean foundPublished(Job job) throws IOException {
        String version = job.request().modelVersion();
        if (events.announced(version)) {
            events.end(job.partition(), event(job, Type.SUCCEEDED, null, List.of()), Optional.empty());
            return true;
        }
        // Whoever published it may have died before telling of it.
        Optional<PublishedModel> there = installation.artifacts().find(version);
        there.ifPresent(published -> announce(job, published));
        return there.isPresent();
    }

    /** Ends a job's request, unless it has ended. */
    void end(Job job, Type how, String reason) {
        events.end(
                job.partition(), event(job, how, null, reason == null ? List.of() : List.of(reason)), Optional.empty());
    }

    private Path data(Job job, JobFolder folder) throws IOException {
        if (job.request().data().isPresent()) {
            return job.request().data().get();
        }
        if (!Files.exists(folder.embeddings())) {
            try (Consumer<byte[], byte[]> reader = clients.reader()) {
                EmbeddingSnapshot.Summary summary = EmbeddingSnapshot.take(
                        reader, topics.itemEmbeddings(), folder.path(), () -> job.stopRequested() != Stop.NO);
                meters.refusedRecords(summary.refusedRecords());
            } catch (IllegalArgumentException e) {
                throw new JobFailedException(e.getMessage());
            }
        }
        return folder.embeddings();
    }

    private void train(Job job, Path data, JobFolder folder) throws IOException, InterruptedException {
        while (!Files.exists(folder.model())) {
            JobProgress progress = new JobProgress(config.progressInterval(), progressed -> {
                meters.progress(progressed);
                events.publish(event(job, Type.PROGRESS, progressed, List.of()));
            });
            JobProcess process = start(job, data, folder);
            job.running(process);
            int code = process.await(progress);
            // A process that ends well without leaving a model would otherwise be started again without end.
            if (code != TrainCommand.DONE || !Files.exists(folder.model())) {
                afterFailure(job, folder, code, progress.failure());
            }
        }
    }

    /** A process that cannot be started has crashed: it is tried again later, but not without end. */
    private JobProcess start(Job job, Path data, JobFolder folder) throws IOException {
        try {
            return JobProcess.start(arguments(job, data, folder), folder.log(), config);
        } catch (IOException e) {
            requireNotStopped(job);
            addCrash(job, folder, "because it could not be started: " + e.getMessage());
            throw e;
        }
    }

    private static void requireNotStopped(Job job) {
        if (job.stopRequested() != Stop.NO) {
            throw new CancellationException();
        }
    }

    private void afterFailure(Job job, JobFolder folder, int code, Optional<String> reason) throws IOException {
        requireNotStopped(job);
        if (code == TrainCommand.BAD_INPUT) {
            throw new JobFailedException(reason.orElse("the training process refused its input"));
        }
        addCrash(job, folder, "with exit code " + code + (code == TrainCommand.DONE ? " but without a model" : ""));
    }

    private void addCrash(Job job, JobFolder folder, String how) throws IOException {
        meters.crashed();
        int crashes = folder.addCrash();
        LOG.warnf(
                "training process crashed request=%s crashes=%d log=%s how=%s",
                job.request().requestId(), crashes, folder.log(), how);
        if (crashes >= config.maxCrashes()) {
            throw new JobFailedException("the training process crashed " + crashes + " times, the last time " + how);
        }
    }

    private List<String> arguments(Job job, Path data, JobFolder folder) {
        List<String> arguments = new ArrayList<>(job.request().arguments());
        arguments.addAll(List.of(
                "--data_path", data.toString(), "--run_dir", folder.run().toString()));
        arguments.addAll(List.of("--device", installation.device(), "--progress", "json"));
        config.jobThreads().ifPresent(threads -> arguments.addAll(List.of("--threads", threads.toString())));
        return arguments;
    }

    private void publish(Job job, JobFolder folder) throws IOException {
        ModelFiles files = ModelFiles.read(folder.model());
        String version = job.request().modelVersion();
        ArtifactStore store = installation.artifacts();
        try {
            announce(job, store.publish(version, files.model(), files.training(), files.files()));
        } catch (VersionTakenException e) {
            throw new JobFailedException(e.getMessage());
        }
    }

    private void announce(Job job, PublishedModel published) {
        ModelPublished model = new ModelPublished(
                job.request().modelVersion(),
                job.request().requestId(),
                published.location(),
                published.manifestSha256(),
                published.manifest(),
                Instant.now());
        events.end(job.partition(), event(job, Type.SUCCEEDED, null, List.of()), Optional.of(model));
    }

    static TrainingEvent event(Job job, Type type, TrainingEvent.Progress progress, List<String> reasons) {
        Request.Train request = job.request();
        return new TrainingEvent(request.requestId(), type, Instant.now(), request.modelVersion(), progress, reasons);
    }

    /** The job cannot be done, however often it is tried. */
    private static final class JobFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        JobFailedException(String reason) {
            super(reason);
        }
    }
}
