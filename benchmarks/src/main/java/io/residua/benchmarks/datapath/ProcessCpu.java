package io.residua.benchmarks.datapath;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The CPU time of some processes of this machine, of which some may not be known. */
final class ProcessCpu {
    private final Map<String, Optional<ProcessHandle>> processes = new LinkedHashMap<>();

    /**
     * Processes by name.
     *
     * @param names the processes, in the order in which they are to be shown
     * @param pids the ids of those that are known
     * @throws IllegalArgumentException if there is an id of another name, or of no process
     */
    ProcessCpu(List<String> names, Map<String, Long> pids) {
        pids.keySet().stream().filter(name -> !names.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("process is '" + name + "', expected one of " + names);
        });
        names.forEach(
                name -> processes.put(name, Optional.ofNullable(pids.get(name)).map(pid -> find(name, pid))));
    }

    private static ProcessHandle find(String name, long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow(() -> new IllegalArgumentException(
                        "process id of " + name + " is " + pid + ", but there is no such process on this machine"));
    }

    /** What each known process has used so far. */
    Map<String, Duration> used() {
        Map<String, Duration> used = new LinkedHashMap<>();
        processes.forEach((name, process) ->
                process.flatMap(handle -> handle.info().totalCpuDuration()).ifPresent(time -> used.put(name, time)));
        return used;
    }

    /** CPU time per item of each process between two calls of {@link #used}, for a person. */
    String perItem(Map<String, Duration> before, Map<String, Duration> after, long items) {
        return processes.keySet().stream()
                .map(name -> name + " "
                        + (before.containsKey(name) && after.containsKey(name)
                                ? micros(after.get(name).minus(before.get(name)), items)
                                : "not known"))
                .collect(Collectors.joining(", "));
    }

    private static String micros(Duration time, long items) {
        return String.format(Locale.ROOT, "%.0f µs", time.toNanos() / 1e3 / Math.max(1, items));
    }
}
