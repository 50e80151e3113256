package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.artifact.DirectoryArtifactStore;
import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.stack.broker.LocalBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** How a generation starts on its topics and leaves them, on a real broker. Every test has a version of its own. */
class GenerationTopicsIT {
    private static final String APPLICATION_ID = "it";

    @TempDir
    static Path data;

    private static LocalBroker localBroker;
    private static Admin admin;
    private static int tests;

    private final TopicsConfig names = GenerationSamples.topicsConfig(Map.of("residua.topics.partitions", "2"));
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final MovableClock clock = new MovableClock();
    private final StatusTopic status = new StatusTopic("index-status", producer, clock);
    private final BrokerState broker = new BrokerState(admin, GenerationTopicsIT::reader);
    private String version;
    private GenerationTopics own;
    private String changelog;

    @BeforeAll
    static void startBroker() throws Exception {
        localBroker = LocalBroker.start(data.resolve("broker"), 0);
        admin = Admin.create(Map.of("bootstrap.servers", localBroker.bootstrapServers()));
        new Topics(admin, GenerationSamples.topicsConfig(Map.of()))
                .ensure(TopicSpec.compacted("item-embeddings", 2).withTombstonesKept(Duration.ofDays(7)));
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        localBroker.close();
    }

    @BeforeEach
    void nextVersion(TestInfo test) {
        version = "v" + ++tests;
        own = GenerationTopics.of(APPLICATION_ID, version, names);
        changelog = own.application() + "-items-changelog";
    }

    @Test
    void newGenerationIsRecordedWithEveryNameAndThenWithEveryId() throws RefusedException {
        // When
        IndexIdentity identity = prepare(names);

        // Then
        assertThat(producer.history()).hasSize(2);
        assertThat(identity.topics())
                .filteredOn(TopicIdentity::exists)
                .extracting(TopicIdentity::name)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(own.specs(2)).map(TopicSpec::name).toList());
        assertThat(identity.topic(changelog))
                .hasValueSatisfying(topic -> assertThat(topic.exists()).isFalse());
        assertThat(status.of(version).identity()).isEqualTo(identity);
        assertThat(status.of(version).state()).isEqualTo(IndexStatus.State.BUILDING);
    }

    @Test
    void creationThatWasInterruptedIsFinished() throws Exception {
        // Given
        IndexIdentity identity = prepare(names);
        IndexIdentity withoutIds = identity.withTopics(identity.topics().stream()
                .map(topic -> new TopicIdentity(topic.name(), null, topic.partitions()))
                .toList());
        status.onRecord(version, StatusRecords.identified(status.of(version), withoutIds, null));
        delete(own.requests());

        // When
        IndexIdentity finished = prepare(names);

        // Then
        assertThat(finished.topic(own.codes())).isEqualTo(identity.topic(own.codes()));
        assertThat(finished.topic(own.requests()).orElseThrow().exists()).isTrue();
    }

    @Test
    void knownGenerationKeepsItsPartitionsWhateverIsConfiguredNow() throws RefusedException {
        // Given
        IndexIdentity identity = prepare(names);

        // When
        IndexIdentity again = prepare(GenerationSamples.topicsConfig(Map.of("residua.topics.partitions", "7")));

        // Then
        assertThat(again).isEqualTo(identity);
    }

    @Test
    void generationGoesOnWhenItsCodesTopicGainsPartitions() throws Exception {
        // Given
        IndexIdentity identity = prepare(names);
        admin.createPartitions(
                        Map.of(own.codes(), NewPartitions.increaseTo(5), own.counts(), NewPartitions.increaseTo(3)))
                .all()
                .get();
        await(() -> broker.topics(Set.of(own.codes())).get(own.codes()).partitions() == 5);

        // When / Then
        assertThat(prepare(names)).isEqualTo(identity);
    }

    @Test
    void everyTopicThatWasCreatedAnewIsRefusedAndNotCreatedAgain() throws Exception {
        // Given
        IndexIdentity identity = prepare(names);
        for (String topic : List.of(own.codes(), own.grants(), own.requests(), own.counts())) {
            delete(topic);

            // When / Then
            assertRefused("topic " + topic + ", which the index of " + version + " was built on, was deleted");
            assertThat(broker.topics(Set.of(topic))).isEmpty();
            create(topic);
            assertRefused("topic " + topic + " was created anew");
            status.onRecord(version, StatusRecords.identified(status.of(version), identity = renewed(identity), null));
        }
    }

    private IndexIdentity renewed(IndexIdentity identity) {
        Map<String, TopicIdentity> there = broker.topics(
                identity.topics().stream().map(TopicIdentity::name).toList());
        return identity.withTopics(identity.topics().stream()
                .map(topic -> there.getOrDefault(topic.name(), topic))
                .toList());
    }

    @Test
    void whatNoStatusKnowsIsNeitherContinuedNorDeleted() throws Exception {
        // Given
        for (String topic : List.of(own.codes(), own.requests(), changelog)) {
            create(topic);
            send(topic);

            // When / Then
            assertRefused("topic " + topic + " has records, but index-status knows no index of " + version);
            assertThat(broker.topics(Set.of(topic))).isNotEmpty();
            assertThat(status.of(version)).isNull();
            delete(topic);
        }
        commit(own.encodeGroup());

        // When / Then
        assertRefused("group " + own.encodeGroup() + " has offsets, but index-status knows no index of " + version);
    }

    @Test
    void emptyCodesTopicThatWasMadeByHandIsUsed() throws Exception {
        // Given
        create(own.codes());
        sendAborted(own.codes());

        // When
        IndexIdentity identity = prepare(names);

        // Then
        assertThat(identity.topic(own.codes()).orElseThrow().exists()).isTrue();
    }

    @Test
    void knownGenerationWhoseOffsetsAreGoneIsRefused() throws Exception {
        // Given
        prepare(names);
        send(own.codes());

        // When
        assertRefused("topic " + own.codes() + " has records, but the offsets of group " + own.application()
                + " have expired or were deleted");

        // Then
        commit(own.application());
        assertThat(prepare(names)).isNotNull();
    }

    @Test
    void indexOfAnEarlierReleaseIsRefused() {
        // Given
        status.onRecord(
                version,
                new IndexStatus(
                        version, IndexStatus.State.READY, own.codes(), "id", 1, 1, null, GenerationSamples.START));

        // When / Then
        assertRefused("index of " + version + " was built by an earlier release");
    }

    @Test
    void pauseInWhichDeletionsMayHaveBeenLostIsRefused() throws RefusedException {
        // Given
        prepare(names);
        clock.advance(Duration.ofDays(7));
        assertThat(prepare(names)).isNotNull();

        // When
        clock.advance(Duration.ofHours(2));

        // Then
        assertRefused("index of " + version + " has not run for 170 h");
    }

    @Test
    void retirementDeletesTopicsAndGroupsOnceNobodyRunsTheGeneration() throws Exception {
        // Given
        IndexIdentity identity = prepare(names);
        create(changelog);
        commit(own.application());
        commit(own.encodeGroup());
        IndexStatus retired = StatusRecords.in(
                new GenerationState.Retired(clock.instant(), GenerationState.RemainingData.ALL),
                status.of(version),
                clock.instant());
        Retirement retirement =
                new Retirement(broker, status, new DirectoryArtifactStore(data.resolve("models")), false, clock);
        try (Consumer<byte[], byte[]> member = member(own.encodeGroup())) {
            awaitMembers(true);

            // When
            retirement.cleanUp(retired, true, false);

            // Then
            assertThat(existing(identity)).hasSameSizeAs(identity.topics());
            assertThat(member.assignment()).isNotEmpty();
        }
        awaitMembers(false);

        // When
        retirement.cleanUp(retired, true, false);
        retirement.cleanUp(retired, true, false);

        // Then
        assertThat(existing(identity)).isEmpty();
        assertThat(admin.listGroups().all().get())
                .noneMatch(group -> identity.groups().contains(group.groupId()));
        assertThat(broker.topics(Set.of("item-embeddings"))).isNotEmpty();
    }

    private IndexIdentity prepare(TopicsConfig config) throws RefusedException {
        return prepare(identities(config));
    }

    private GenerationIdentities identities(TopicsConfig config) {
        return new GenerationIdentities(broker, new Topics(admin, config), config, status, APPLICATION_ID, clock);
    }

    private IndexIdentity prepare(GenerationIdentities identities) throws RefusedException {
        identities.requireUsable(version, own);
        return identities.prepare(version, own, List.of(changelog));
    }

    private void assertRefused(String what) {
        GenerationIdentities identities = identities(names);
        // What may be a lagging broker's answer is asked for again later.
        assertThatThrownBy(() -> prepare(identities)).hasMessageContaining(what);
        clock.advance(Duration.ofSeconds(10));
        assertThatThrownBy(() -> prepare(identities))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith(what)
                .hasMessageContaining("under a new version")
                .hasMessageNotContaining("\n");
    }

    private Collection<TopicIdentity> existing(IndexIdentity identity) {
        return broker.topics(identity.topics().stream().map(TopicIdentity::name).toList())
                .values();
    }

    private void create(String topic) {
        TopicSpec spec = topic.equals(own.counts()) ? TopicSpec.compacted(topic, 1) : spec(topic);
        new Topics(admin, names).ensure(spec);
    }

    private TopicSpec spec(String topic) {
        return own.internal().contains(topic) ? TopicSpec.untilProcessed(topic, 2) : TopicSpec.compacted(topic, 2);
    }

    private void delete(String topic) throws Exception {
        admin.deleteTopics(List.of(topic)).all().get();
        await(() -> broker.topics(Set.of(topic)).isEmpty());
    }

    private static void send(String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> real = producer(Map.of())) {
            real.send(new ProducerRecord<>(topic, new byte[1], new byte[1])).get();
        }
    }

    private void sendAborted(String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> real = producer(Map.of("transactional.id", version))) {
            real.initTransactions();
            real.beginTransaction();
            real.send(new ProducerRecord<>(topic, new byte[1], new byte[1])).get();
            real.abortTransaction();
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", localBroker.bootstrapServers());
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void commit(String group) throws Exception {
        admin.alterConsumerGroupOffsets(
                        group, Map.of(new TopicPartition("item-embeddings", 0), new OffsetAndMetadata(0)))
                .all()
                .get();
    }

    private static Consumer<byte[], byte[]> reader() {
        return consumer(Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest"));
    }

    private static Consumer<byte[], byte[]> member(String group) {
        Consumer<byte[], byte[]> member = consumer(Map.of("group.id", group));
        member.subscribe(List.of("item-embeddings"));
        await(() -> {
            member.poll(Duration.ofMillis(100));
            return !member.assignment().isEmpty();
        });
        return member;
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", localBroker.bootstrapServers());
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void awaitMembers(boolean some) {
        await(() -> broker.hasMembers(List.of(own.application(), own.encodeGroup())) == some);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not within 60 s").isLessThan(deadline);
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
