package io.residua.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.indexer.model.TinyModel;
import io.residua.system.Verifier.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two indexer replicas and a broker, each of which is killed or suspended again and again while a catalogue changes and a
 * new model takes over. What they leave is judged by the command {@code verify}. Faults and items are drawn by a seed.
 *
 * <p>{@code residua.chaos.seed}, {@code residua.chaos.faults} and {@code residua.chaos.items} choose another run.
 */
@Tag("long")
class ChaosIT {
    private static final long SEED = Long.getLong("residua.chaos.seed", 1);
    private static final int FAULTS = Integer.getInteger("residua.chaos.faults", 10);
    private static final int ITEMS = Integer.getInteger("residua.chaos.items", 20_000);
    private static final String FIRST = "chaos-first";
    private static final String SECOND = "chaos-second";
    private static final String SETTLE_SECONDS = "300";
    private static final System.Logger LOG = System.getLogger(ChaosIT.class.getName());
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(300);

    /**
     * Both generations may have every record before them when the faults are over: catalogues that are sent again make
     * twenty records of an item in the long run.
     */
    private static final long MIN_ANSWERED_PER_SECOND = 2_000;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Random random = new Random(SEED);
    private final List<String> faultLog = new ArrayList<>();
    private final long start = System.nanoTime();
    private BrokerProcess broker;
    private List<ServiceProcess> replicas;
    private ItemFeed feed;

    private enum Fault {
        KILL_REPLICA,
        SUSPEND_REPLICA,
        KILL_BROKER,
        KILL_BOTH_REPLICAS,
        RESEND_CATALOGUE
    }

    @Test
    void noFaultLosesAnItemSharesACodeOrChangesOne() throws Exception {
        // Given
        broker = new BrokerProcess(folder);
        broker.start();
        try (TestSystem system = new TestSystem(folder, 4, broker, broker.bootstrapServers());
                ServiceProcess replica1 = system.service("indexer-service", "indexer-1", Map.of());
                ServiceProcess replica2 = system.service("indexer-service", "indexer-2", Map.of());
                ItemFeed items = new ItemFeed(broker.bootstrapServers(), SEED, ITEMS, recordsPerSecond())) {
            replicas = List.of(replica1, replica2);
            feed = items;
            for (ServiceProcess replica : replicas) {
                replica.start();
            }
            for (ServiceProcess replica : replicas) {
                replica.awaitReady();
            }
            system.publish(model(1), FIRST);
            feed.start();

            // When
            inject(FAULTS / 2);
            awaitReady(system, FIRST);
            feed.pause();
            log("verifying " + FIRST);
            Verdict first = verify("--model", FIRST);
            feed.resume();
            system.publish(model(2), SECOND);
            log("published " + SECOND);
            inject(FAULTS - FAULTS / 2);
            feed.finish();
            log("all items sent");
            awaitReady(system, SECOND);
            Verdict second = verify("--model", SECOND);

            // Then
            requireClean(first);
            requireClean(second);
            assertThat(codedItems(system, SECOND)).containsExactlyInAnyOrderElementsOf(feed.liveItems());
            assertThat(replicas).allMatch(ServiceProcess::isAlive);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed " + SEED + ", " + FAULTS + " faults, " + ITEMS + " items; logs in " + folder + "\n"
                            + String.join("\n", faultLog),
                    e);
        }
    }

    /** Most items are there when the faults are over, if a fault takes ten seconds. */
    private static int recordsPerSecond() {
        return Math.max(100, ITEMS / Math.max(1, 10 * FAULTS));
    }

    private static TinyModel model(long seed) {
        Random entries = new Random(seed);
        int last = Math.max(256, Integer.highestOneBit(ITEMS / 64) * 2);
        float[][] codebooks = {new float[16 * 4], new float[16 * 4], new float[last * 4]};
        float[] spread = {4, 2, 1};
        for (int level = 0; level < codebooks.length; level++) {
            for (int i = 0; i < codebooks[level].length; i++) {
                codebooks[level][i] = (float) entries.nextGaussian() * spread[level];
            }
        }
        return new TinyModel(8, 4, codebooks);
    }

    /** Every kind comes equally often, in a random order. */
    private void inject(int faults) throws Exception {
        List<Fault> deck = new ArrayList<>();
        for (int i = 0; i < faults; i++) {
            if (deck.isEmpty()) {
                deck.addAll(List.of(Fault.values()));
                Collections.shuffle(deck, random);
            }
            TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(5_000));
            feed.burst(ITEMS / 20);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
            inject(deck.remove(0), random.nextInt(replicas.size()));
        }
    }

    private void inject(Fault fault, int which) throws Exception {
        ServiceProcess replica = replicas.get(which);
        String name = fault + (fault == Fault.KILL_REPLICA || fault == Fault.SUSPEND_REPLICA ? " " + (which + 1) : "");
        log(name);
        switch (fault) {
            case KILL_REPLICA -> {
                replica.kill();
                replica.start();
            }
            case SUSPEND_REPLICA -> suspend(replica, 1 - which);
            case KILL_BROKER -> {
                broker.kill();
                broker.start();
            }
            case KILL_BOTH_REPLICAS -> {
                for (ServiceProcess each : replicas) {
                    each.kill();
                }
                for (ServiceProcess each : replicas) {
                    each.start();
                }
            }
            case RESEND_CATALOGUE -> feed.resendAll();
        }
        log(name + " done");
    }

    /** Longer than the session timeout, so that the others take over; half of the time something else happens meanwhile. */
    private void suspend(ServiceProcess replica, int other) throws Exception {
        replica.signal("STOP");
        try {
            TimeUnit.MILLISECONDS.sleep(4_000);
            if (random.nextBoolean()) {
                inject(random.nextBoolean() ? Fault.KILL_REPLICA : Fault.KILL_BROKER, other);
            }
            TimeUnit.MILLISECONDS.sleep(8_000 + random.nextInt(3_000));
        } finally {
            replica.signal("CONT");
        }
    }

    private void awaitReady(TestSystem system, String version) {
        try (TopicLog status = system.log("index-status")) {
            status.readUntil(version + " is ready", readyTimeout(), records -> isReady(records, version));
        }
        log(version + " is ready");
    }

    private Duration readyTimeout() {
        return READY_TIMEOUT.plusSeconds(feed.sent() / MIN_ANSWERED_PER_SECOND);
    }

    private static boolean isReady(List<ConsumerRecord<String, byte[]>> records, String version) {
        return records.stream()
                .filter(record -> record.key().equals(version) && record.value() != null)
                .anyMatch(record -> Json.read(record.value(), IndexStatus.class).state() == IndexStatus.State.READY);
    }

    private Verdict verify(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("--wait", SETTLE_SECONDS));
        all.addAll(List.of(options));
        Verdict verdict = Verifier.run(folder, broker.bootstrapServers(), all.toArray(new String[0]));
        log("verify ended with " + verdict.exitCode() + "\n" + verdict.output());
        return verdict;
    }

    private static void requireClean(Verdict verdict) {
        assertThat(verdict.exitCode()).as(verdict.output()).isZero();
    }

    private static Set<String> codedItems(TestSystem system, String version) {
        Set<String> coded = new HashSet<>();
        try (TopicLog codes = system.log("item-codes-" + version)) {
            for (ConsumerRecord<String, byte[]> record : codes.read()) {
                if (record.value() == null) {
                    coded.remove(record.key());
                } else {
                    coded.add(record.key());
                }
            }
        }
        return coded;
    }

    private void log(String what) {
        String line = String.format("%7.1f s  %s", (System.nanoTime() - start) / 1e9, what);
        faultLog.add(line);
        LOG.log(System.Logger.Level.INFO, line);
    }
}
