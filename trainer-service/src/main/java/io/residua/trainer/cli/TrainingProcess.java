package io.residua.trainer.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How a process is to be started that trains. The launcher script says the same. */
public final class TrainingProcess {
    /**
     * Options of its JVM: a step leaves little garbage, and a small young generation in a heap that begins small keeps
     * the memory in use constant.
     */
    public static final List<String> JVM_OPTIONS = List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmn32m");

    /** Says how threads of PyTorch's OpenMP wait; who sets it wants no other setting for that. */
    private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

    private TrainingProcess() {}

    /**
     * Settings of the environment, which leave alone what the environment says already. PyTorch's threads wait for each
     * other all the time: long spinning takes cores from others, none at all is slow. And each step asks for the same
     * memory: glibc keeps it, instead of giving it back and getting it zeroed again, and asks for it in huge pages.
     *
     * @param environment what the process would see without them
     * @return what to add, by name
     */
    public static Map<String, String> settings(Map<String, String> environment) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1",
                "GOMP_SPINCOUNT", "10000",
                "MALLOC_ARENA_MAX", "1",
                "MALLOC_MMAP_MAX_", "0",
                "MALLOC_TRIM_THRESHOLD_", "17179869184"));
        settings.keySet().removeAll(environment.keySet());
        if (environment.containsKey(WAIT_POLICY)) {
            settings.remove("GOMP_SPINCOUNT");
        }
        return settings;
    }
}
