package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.indexer.generation.GenerationListener.OpenedGeneration;
import io.residua.indexer.metrics.IndexerMeters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The generations that run on this replica. Changed by one thread, read by any. */
final class RunningGenerations {
    private final IndexerMeters meters;
    private final GenerationListener listener;
    private volatile List<Generation> all = List.of();
    private volatile Map<String, GenerationState> known = Map.of();
    private volatile String expected;

    RunningGenerations(IndexerMeters meters, GenerationListener listener) {
        this.meters = meters;
        this.listener = listener;
    }

    /** All generations in the order of opening. */
    List<Generation> all() {
        return all;
    }

    /** Their versions. */
    Set<String> versions() {
        return all.stream().map(Generation::modelVersion).collect(Collectors.toSet());
    }

    /** Whether a version runs here. */
    boolean contains(String version) {
        return versions().contains(version);
    }

    /** Sets the version whose index is in use, which should run here; {@code null} if there is none. */
    void expect(String version) {
        expected = version;
    }

    /** The version whose index is in use; {@code null} if there is none. */
    String expected() {
        return expected;
    }

    /** What {@code index-status} says of all generations, whether they run here or not. */
    void setKnown(Map<String, GenerationState> states) {
        known = Map.copyOf(states);
    }

    /** What can be expected here of a version. */
    Availability availability(String version) {
        boolean ready = all.stream()
                .anyMatch(generation -> generation.modelVersion().equals(version)
                        && generation.state().isReady());
        if (ready) {
            return Availability.READY;
        }
        GenerationState state = known.get(version);
        boolean begun = contains(version) || (state != null && (state.isBuilding() || state.isReady()));
        return begun ? Availability.NOT_READY : Availability.UNKNOWN;
    }

    /** A generation has been opened; its codes have {@code codebookSizes} entries per level. */
    void add(Generation generation, List<Integer> codebookSizes) {
        List<Generation> more = new ArrayList<>(all);
        more.add(generation);
        all = List.copyOf(more);
        meters.generationOpened(generation.modelVersion(), generation.pipeline().device(), () -> generation
                .state()
                .label());
        TopicIdentity codes =
                generation.identity().topic(generation.topics().codes()).orElseThrow();
        listener.onOpened(new OpenedGeneration(generation.modelVersion(), codebookSizes, codes));
    }

    /** A version is retired: what this replica keeps of it can go, unless it still runs here. */
    void retire(String version) {
        if (!contains(version)) {
            listener.onRetired(version);
        }
    }

    /** Closes a generation, if it runs here. */
    void close(String version) {
        List<Generation> open = all;
        all = open.stream()
                .filter(generation -> !generation.modelVersion().equals(version))
                .toList();
        for (Generation generation : open) {
            if (generation.modelVersion().equals(version)) {
                listener.onClosed(version);
                meters.generationClosed(version);
                generation.close();
            }
        }
    }
}
