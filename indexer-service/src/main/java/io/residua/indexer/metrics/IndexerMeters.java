package io.residua.indexer.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.residua.common.device.Device;
import io.residua.common.event.Resolution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Every meter of the indexer. */
@ApplicationScoped
public class IndexerMeters {
    private static final String THREADS_REPLACED = "residua.index.threads.replaced";
    private static final List<String> STATES = List.of("building", "paused", "ready");

    private final MeterRegistry registry;
    private final Map<String, List<Gauge>> generationGauges = new ConcurrentHashMap<>();
    private final DistributionSummary batchRows;
    private final Timer encodeTime;
    private final Timer latency;
    private final Timer resolveTime;
    private final Counter deleted;
    private final Counter unchanged;
    private final Counter outdated;
    private final Counter mixedPartitions;
    private final Counter full;
    private final Counter spilled;
    private final Counter purged;
    private final Counter deadLettersLost;
    private final Counter codesSkipped;
    private final Map<Resolution, Counter> coded = new EnumMap<>(Resolution.class);
    private final Map<String, Counter> refused = new ConcurrentHashMap<>();

    public IndexerMeters(MeterRegistry registry) {
        this.registry = registry;
        batchRows = DistributionSummary.builder("residua.index.encode.batch")
                .description("Embeddings per run of the encoder")
                .register(registry);
        encodeTime = Timer.builder("residua.index.encode.time")
                .description("Time of one run of the encoder")
                .register(registry);
        latency = Timer.builder("residua.index.latency")
                .description("From an embedding record's timestamp to its code being written")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        resolveTime = Timer.builder("residua.index.resolve.time")
                .description("Time to assign the waiting items of one prefix")
                .register(registry);
        deleted = counter("residua.index.deleted", "Items deleted");
        unchanged = counter("residua.index.unchanged", "Embeddings equal to the one already coded");
        outdated = counter("residua.index.outdated", "Embeddings older than the newest one seen of their item");
        mixedPartitions =
                counter("residua.index.mixed.partitions", "Embeddings whose item came from another partition before");
        full = counter("residua.index.full", "Items refused because no entry was free");
        spilled = counter("residua.index.spilled", "Requests passed on because a prefix had no free entry");
        for (Resolution resolution : Resolution.values()) {
            coded.put(
                    resolution,
                    Counter.builder("residua.index.coded")
                            .description("Codes written")
                            .tag("resolution", resolution.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        deadLettersLost = counter(
                "residua.index.dead.letters.lost", "Refused records whose letter the dead-letter topic does not take");
        codesSkipped =
                counter("residua.index.lookup.skipped", "Records of codes topics that look-ups do not understand");
        purged = counter("residua.index.purged", "Records deleted from internal topics after all had consumed them");
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** A generation runs on this replica; {@code state} tells its state from now on. */
    public void generationOpened(String modelVersion, Device device, Supplier<String> state) {
        List<Gauge> gauges = new ArrayList<>();
        gauges.add(Gauge.builder("residua.index.encoder.device", () -> 1)
                .description("Which device each model's encoder runs on")
                .tag("model", modelVersion)
                .tag("device", device.toString())
                .register(registry));
        for (String label : STATES) {
            gauges.add(Gauge.builder("residua.index.generation", () -> label.equals(state.get()) ? 1 : 0)
                    .description("1 for the state that each generation on this replica is in")
                    .tag("model", modelVersion)
                    .tag("state", label)
                    .register(registry));
        }
        generationGauges.put(modelVersion, gauges);
    }

    /** The codes of a generation can be looked up; its read model tells how far it is from now on. */
    public void lookupsOpened(String modelVersion, LongSupplier lag, LongSupplier items) {
        List<Gauge> gauges = generationGauges.computeIfAbsent(modelVersion, version -> new ArrayList<>());
        gauges.add(Gauge.builder("residua.index.lookup.lag", lag::getAsLong)
                .description("Records of the codes topic that look-ups do not know yet")
                .tag("model", modelVersion)
                .register(registry));
        gauges.add(Gauge.builder("residua.index.lookup.items", items::getAsLong)
                .description("Items that can be looked up")
                .tag("model", modelVersion)
                .register(registry));
    }

    /** A look-up was answered. */
    public void lookedUp(String kind, String outcome, Duration time) {
        Timer.builder("residua.index.lookup")
                .description("Look-ups by what was asked for and what came of it")
                .tag("kind", kind)
                .tag("outcome", outcome)
                .publishPercentiles(0.5, 0.99)
                .register(registry)
                .record(time);
    }

    /** A record of a codes topic was no code. */
    public void codeSkipped() {
        codesSkipped.increment();
    }

    /** A generation no longer runs on this replica. */
    public void generationClosed(String modelVersion) {
        List<Gauge> gauges = generationGauges.remove(modelVersion);
        if (gauges != null) {
            gauges.forEach(registry::remove);
        }
        registry.find(THREADS_REPLACED).tag("model", modelVersion).meters().forEach(registry::remove);
    }

    /** A thread that assigns codes failed, and another one took its place. */
    public void threadReplaced(String modelVersion) {
        Counter.builder(THREADS_REPLACED)
                .description("Threads that failed and were replaced")
                .tag("model", modelVersion)
                .register(registry)
                .increment();
    }

    /** The encoder ran once. */
    public void encoded(int rows, Duration time) {
        batchRows.record(rows);
        encodeTime.record(time);
    }

    /** A record went to the dead-letter topic. */
    public void refused(String reason) {
        refused.computeIfAbsent(reason, word -> Counter.builder("residua.index.refused")
                        .description("Records sent to the dead-letter topic")
                        .tag("reason", word)
                        .register(registry))
                .increment();
    }

    /** A refused record has no letter, because the dead-letter topic does not take even the smallest. */
    public void deadLetterLost() {
        deadLettersLost.increment();
    }

    /** A code was written for an embedding that was sent {@code age} ago. */
    public void coded(Resolution resolution, Duration age) {
        coded.get(resolution).increment();
        latency.record(age.isNegative() ? Duration.ZERO : age);
    }

    /** The waiting items of one prefix were assigned. */
    public void resolved(Duration time) {
        resolveTime.record(time);
    }

    /** An item's deletion was answered. */
    public void deleted() {
        deleted.increment();
    }

    /** The same embedding came again. */
    public void unchanged() {
        unchanged.increment();
    }

    /** An older embedding came after a newer one. */
    public void outdated() {
        outdated.increment();
    }

    /** An item's embeddings come from several partitions. */
    public void mixedPartitions() {
        mixedPartitions.increment();
    }

    /** An item found no free entry. */
    public void full() {
        full.increment();
    }

    /** A request went on to its next prefix. */
    public void spilled() {
        spilled.increment();
    }

    /** Records were deleted from an internal topic. */
    public void purged(long records) {
        purged.increment(records);
    }
}
