package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.generation.GenerationPlan.Action;
import io.residua.indexer.generation.GenerationPlan.Situation;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.RemainingData;
import io.residua.indexer.generation.GenerationState.Retired;
import io.residua.indexer.generation.GenerationState.Superseded;
import io.residua.indexer.wire.GenerationTopics;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Reconciles the generations that run on this replica with those that {@link GenerationPlan} wants: compares, acts,
 * reports and cleans up, again and again. Every step is idempotent, and one generation's failure stops no other's step.
 * Used by one thread.
 */
final class GenerationControl implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GenerationControl.class);

    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final Parts parts;
    private final Clock clock;
    private final Coverage coverage;
    private final StepRunner runner;
    private final PublishedModels models = new PublishedModels();
    private final ControlTopics topics;
    private final RunningGenerations running;
    private final StatusTopic status;

    /** Starts generations. */
    interface Opener {
        /**
         * Starts the generation of a published model.
         *
         * @param known its record in {@code index-status}, or {@code null}
         * @throws RefusedException if the model or the topics are not usable
         */
        Generation open(ModelPublished model, IndexStatus known) throws RefusedException;
    }

    /** Compares a running generation's topics with what it was built on. */
    interface Verifier {
        /**
         * Returns the identity with those topics that have been created meanwhile.
         *
         * @throws RefusedException if a topic was deleted or created anew
         */
        IndexIdentity verify(String version, IndexIdentity recorded) throws RefusedException;
    }

    /**
     * What the loop acts through.
     *
     * @param modelPublisher publishes a model's record again
     */
    record Parts(
            StatusTopic status,
            Consumer<ModelPublished> modelPublisher,
            RunningGenerations running,
            Opener opener,
            Verifier verifier,
            Retirement retirement,
            InternalTopicPurge purge) {}

    GenerationControl(
            IndexerConfig config,
            TopicsConfig topicNames,
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            Parts parts,
            Clock clock) {
        this.config = config;
        this.topicNames = topicNames;
        this.parts = parts;
        this.clock = clock;
        this.status = parts.status();
        this.running = parts.running();
        this.coverage = new Coverage(config.readyCoverage());
        this.runner = new StepRunner(status, this::readTopics, topicNames, clock);
        this.topics = new ControlTopics(topicNames, consumer, models, status, runner::unblock);
    }

    /** Reads {@code models} and {@code index-status} up to their present ends. */
    void start() {
        topics.readToEnd();
        shareKnownStates();
        LOG.infof("models read count=%d", models.versions().size());
    }

    private void readTopics() {
        topics.readToEnd();
    }

    /** Polls {@code models} and {@code index-status} once; returns whether a model was among the records. */
    boolean poll() {
        return topics.poll();
    }

    /** The generations that run here. */
    RunningGenerations running() {
        return running;
    }

    /** Compares what should run with what runs, acts, and reports. */
    void reconcileOnce() {
        Situation situation = new Situation(
                models.versions(),
                models.withdrawn(),
                status.states(),
                status.pinned(),
                running.versions(),
                runner.blocked(),
                clock.instant(),
                config.supersedeGrace(),
                config.retireGrace());
        for (Action action : GenerationPlan.of(situation)) {
            String version = action.version();
            if (action instanceof Action.Open) {
                runner.attemptOpen(version, () -> open(models.of(version)));
            } else {
                runner.attempt(version, action.getClass().getSimpleName(), () -> act(action));
            }
        }
        for (Generation generation : running.all()) {
            runner.attempt(generation.modelVersion(), "Advance", () -> advance(generation));
        }
        for (Generation generation : running.all()) {
            runner.attempt(generation.modelVersion(), "CaptureFloor", generation::captureFloor);
        }
        shareKnownStates();
        status.states().forEach((version, state) -> {
            if (state instanceof Retired && !running.contains(version)) {
                runner.attempt(version, "DeleteLocalState", () -> deleteLocalState(version));
            }
        });
        status.publishPins();
    }

    /** Lets look-ups and health see which generations there are, and which one's index is in use. */
    private void shareKnownStates() {
        running.setKnown(status.states());
        running.expect(GenerationPlan.newestReady(models.versions(), status.states(), null));
    }

    /** Verifies the topics of the running generations, and deletes what was consumed from internal ones. */
    void maintainTopics() {
        for (Generation generation : running.all()) {
            runner.attempt(generation.modelVersion(), "Verify", () -> verify(generation));
        }
        for (Generation generation : running.all()) {
            runner.attempt(generation.modelVersion(), "Purge", () -> {
                if (generation.pipeline().isStatusWriter()) {
                    parts.purge().purge(generation.topics());
                }
            });
        }
    }

    /** Pins or unpins a generation. Returns an error message if the version is unknown. */
    Optional<String> pin(String version, boolean pinned) {
        if (status.of(version) == null) {
            return Optional.of("no generation " + version + " in topic " + topicNames.indexStatus());
        }
        status.pin(version, pinned);
        return Optional.empty();
    }

    /** Publishes a model again, which makes it the newest. Returns an error message if the version is unknown. */
    Optional<String> rollBack(String version) {
        ModelPublished model = models.of(version);
        if (model == null) {
            return Optional.of("no model " + version + " in topic " + topicNames.models());
        }
        if (!isNewest(version)) {
            parts.modelPublisher().accept(model);
        }
        return Optional.empty();
    }

    private boolean isNewest(String version) {
        List<String> versions = models.versions();
        return !versions.isEmpty() && versions.get(versions.size() - 1).equals(version);
    }

    private void act(Action action) throws IOException {
        if (action instanceof Action.Close) {
            running.close(action.version());
        } else if (action instanceof Action.CleanUp cleanUp) {
            cleanUp(cleanUp);
        } else {
            changeState(action);
        }
    }

    private void changeState(Action action) {
        IndexStatus last = status.of(action.version());
        GenerationState state = StatusRecords.state(last);
        GenerationState next = state;
        if (action instanceof Action.Supersede && state instanceof Ready ready) {
            next = ready.toSuperseded(clock.instant());
        } else if (action instanceof Action.Reinstate && state instanceof Superseded superseded) {
            next = superseded.toReady();
        } else if (action instanceof Action.Retire) {
            next = state.toRetired(clock.instant());
        }
        LOG.infof("generation changes version=%s from=%s to=%s", action.version(), state.label(), next.label());
        status.publishAndWait(StatusRecords.in(next, last, clock.instant()));
    }

    private void open(ModelPublished model) throws RefusedException {
        IndexStatus known = status.of(model.modelVersion());
        try {
            running.add(
                    parts.opener().open(model, known), model.manifest().model().codebookSizes());
        } catch (RefusedException e) {
            topics.readToEnd();
            // What another replica has written meanwhile may be the reason; then it is tried again with that.
            if (Objects.equals(known, status.of(model.modelVersion()))) {
                throw e;
            }
        }
    }

    private void cleanUp(Action.CleanUp action) throws IOException {
        // Another replica may have finished, or begun to build it anew.
        topics.readToEnd();
        IndexStatus retired = status.of(action.version());
        if (retired != null
                && StatusRecords.state(retired) instanceof Retired state
                && state.remaining() != RemainingData.NONE) {
            parts.retirement().cleanUp(retired, action.everything(), isNewest(action.version()));
        }
    }

    private void deleteLocalState(String version) throws IOException {
        GenerationTopics own = GenerationTopics.of(config.applicationId(), version, topicNames);
        new LocalState(config.stateDir(), own.application()).delete();
        running.retire(version);
    }

    private void advance(Generation generation) throws RefusedException {
        String version = generation.modelVersion();
        Optional<String> failure = generation.pipeline().failure();
        if (failure.isPresent() && !generation.pipeline().isServing()) {
            running.close(version);
            throw RefusedException.here(failure.get() + "; it is opened again in a while");
        }
        IndexStatus known = status.of(version);
        generation.advance(known, coverage, readyItems(version), clock.instant());
        if (generation.pipeline().isStatusWriter() || generation.hasGivenUp()) {
            generation.statusToWrite(known, clock.instant()).ifPresent(status::publish);
        }
    }

    /** Items of the newest ready generation other than {@code version}. */
    private long readyItems(String version) {
        String ready = GenerationPlan.newestReady(models.versions(), status.states(), version);
        IndexStatus known = ready == null ? null : status.of(ready);
        return known == null || known.items() == null ? 0 : known.items().coded();
    }

    private void verify(Generation generation) throws RefusedException {
        try {
            generation.setIdentity(parts.verifier().verify(generation.modelVersion(), generation.identity()));
        } catch (RefusedException e) {
            running.close(generation.modelVersion());
            throw e;
        }
    }

    @Override
    public void close() {
        for (String version : running.versions()) {
            runner.attempt(version, "Close", () -> running.close(version));
        }
        status.close();
        topics.close();
    }
}
