package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.wire.GenerationTopics;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/** One run of the stages benchmark on a broker whose topics are there: sends requests, reads codes, prints the figures. */
final class StagesRun {
    private static final List<String> PROCESSES = List.of("broker", StagesChild.NAME);
    private static final String LIMIT_CLIENT = "client";
    private static final int LIMIT_PASSES = 4;
    private static final Duration MAX_TRANSACTION = Duration.ofMinutes(15);

    private final Clients clients;
    private final StagesTopics generation;
    private final GenerationTopics topics;
    private final Load load;
    private final PrintStream out;
    private final ItemNames names = new ItemNames("bench");

    /**
     * What is sent.
     *
     * @param items whose rate is measured
     * @param held distinct items that have a code before
     * @param singles items whose latency is measured
     */
    record Load(ItemMode mode, int items, int held, int singles) {}

    StagesRun(Clients clients, StagesTopics generation, Load load, PrintStream out) {
        this.clients = clients;
        this.generation = generation;
        this.topics = generation.names();
        this.load = load;
        this.out = out;
    }

    /** Starts the stages in a process whose files are in {@code folder}, measures and stops them. */
    void measure(Path folder, long brokerPid) throws IOException, InterruptedException {
        try (StagesChild stages = new StagesChild(clients, topics.application(), folder);
                CodesReader codes = new CodesReader(clients, topics.codes(), names)) {
            publish(Phase.WARM_UP, ItemMode.DISTINCT, load.held());
            codes.await(Phase.WARM_UP, load.held(), number -> {});
            measureRate(
                    codes,
                    new ProcessCpu(PROCESSES, Map.of("broker", brokerPid, StagesChild.NAME, stages.processId())));
            if (load.singles() > 0) {
                printLatency(codes);
            }
        }
        printStateSize(StagesChild.stateFolder(folder));
    }

    private void measureRate(CodesReader codes, ProcessCpu cpu) {
        ArrivalTimes arrivals = new ArrivalTimes(load.items());
        publish(Phase.MANY, load.mode(), load.items());
        Map<String, Duration> cpuAtStart = cpu.used();
        long start = System.nanoTime();
        int missing = codes.await(Phase.MANY, load.items(), number -> arrivals.add(System.nanoTime()));
        Map<String, Duration> cpuAtEnd = cpu.used();
        double limit = measureLimit();
        if (arrivals.count() == 0) {
            out.println("no item got a code");
            return;
        }
        print("from the commit of the requests to the last code read", arrivals.rateSince(start), limit);
        print("over the middle 60 % of the codes", arrivals.middleRate(), limit);
        if (missing > 0) {
            out.printf(Locale.ROOT, "  NO CODE for %,d items in a minute%n", missing);
        }
        out.printf(
                Locale.ROOT, "  %-54s %s%n", "CPU time per item", cpu.perItem(cpuAtStart, cpuAtEnd, arrivals.count()));
    }

    /** All in one transaction, so that the stages see none of them before the last one is in the log. */
    private void publish(Phase phase, ItemMode mode, int count) {
        SyntheticRequests requests = new SyntheticRequests(names, mode, count);
        Map<String, Object> settings = Map.of(
                "transactional.id",
                "residua-bench-" + phase.ordinal(),
                "transaction.timeout.ms",
                Math.toIntExact(MAX_TRANSACTION.toMillis()),
                "linger.ms",
                5,
                "batch.size",
                256 * 1024);
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(settings)) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int number = 0; number < count; number++) {
                producer.send(requests.record(topics.requests(), phase, number));
            }
            producer.commitTransaction();
        }
    }

    /** The rate of the fastest of some passes: the first is compiled, and other work only ever takes time. */
    private double measureLimit() {
        Duration interval = generation.indexer().commitInterval();
        double limit = copy(interval);
        ProcessCpu cpu = new ProcessCpu(
                List.of(LIMIT_CLIENT),
                Map.of(LIMIT_CLIENT, ProcessHandle.current().pid()));
        Map<String, Duration> before = cpu.used();
        for (int pass = 0; pass < LIMIT_PASSES; pass++) {
            limit = Math.max(limit, copy(interval));
        }
        out.printf(
                Locale.ROOT,
                "the limit: a plain consumer and a transactional producer copy %,.0f such records/s, CPU time per record"
                        + " %s%n",
                limit,
                cpu.perItem(before, cpu.used(), (long) LIMIT_PASSES * load.items()));
        return limit;
    }

    private double copy(Duration interval) {
        return CopyLimit.recordsPerSecond(clients, topics.requests(), StagesTopics.LIMIT, load.items(), interval);
    }

    private void print(String what, double rate, double limit) {
        out.printf(Locale.ROOT, "  %-54s %,.0f items/s   %.3f of the limit%n", what, rate, rate / limit);
    }

    private void printLatency(CodesReader codes) throws InterruptedException {
        SyntheticRequests requests = new SyntheticRequests(names, load.mode(), load.singles());
        try (KafkaProducer<byte[], byte[]> producer = clients.producer()) {
            Quantiles latency = LatencyProbe.measure(
                    load.singles(),
                    number -> producer.send(requests.record(topics.requests(), Phase.SINGLE, number)),
                    number -> codes.awaitOne(Phase.SINGLE, number));
            out.printf(Locale.ROOT, "  %-54s %s%n", "from one request to its code read, ten a second", latency.words());
        }
    }

    private void printStateSize(Path stateFolder) throws IOException {
        double coded = (double) load.held() + load.items() + load.singles();
        out.printf(
                Locale.ROOT,
                "  %-54s RocksDB %.0f bytes, changelog topics before compaction %.0f bytes%n",
                "state on disk per item",
                StateSize.ofFiles(stateFolder) / coded,
                StateSize.ofTopics(clients, AssignTopology.changelogs(topics)) / coded);
    }
}
