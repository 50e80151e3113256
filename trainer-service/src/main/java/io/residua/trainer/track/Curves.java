package io.residua.trainer.track;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run's event files tell of it, over all processes that have worked on it.
 *
 * @param byTag figures by epochs done, as float32 kept them
 * @param seconds time that the processes spent training, from their start to their last figure
 */
public record Curves(Map<String, SortedMap<Integer, Double>> byTag, double seconds) {
    /** Reads a run's folder. What a killed process has not written to the end is left out. */
    public static Curves read(Path folder) throws IOException {
        Map<String, SortedMap<Integer, Double>> byTag = new HashMap<>();
        double seconds = 0;
        for (Path file : EventFile.list(folder)) {
            ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
            double first = Double.NaN;
            double last = Double.NaN;
            for (Optional<byte[]> next = TfRecordFormat.next(content);
                    next.isPresent();
                    next = TfRecordFormat.next(content)) {
                Events.Event event = Events.parse(next.get());
                first = Double.isNaN(first) ? event.wallTime() : first;
                last = event.wallTime();
                if (event.start()) {
                    byTag.values().forEach(curve -> curve.tailMap(event.step()).clear());
                }
                event.scalars().forEach(scalar -> byTag.computeIfAbsent(scalar.tag(), tag -> new TreeMap<>())
                        .put(event.step(), scalar.value()));
            }
            seconds += Double.isNaN(first) ? 0 : last - first;
        }
        return new Curves(byTag, seconds);
    }

    /** Total loss after each epoch, mean over its batches. */
    public SortedMap<Integer, Double> loss() {
        return curve(Scalar.LOSS);
    }

    /** (Rows − distinct codes) / rows, at each evaluation since the codebooks began. */
    public SortedMap<Integer, Double> collisionRate() {
        return quantised(Scalar.COLLISION_RATE);
    }

    /** Share of entries in use on the level where it is least, at each evaluation since the codebooks began. */
    public SortedMap<Integer, Double> worstUtilisation() {
        SortedMap<Integer, Double> worst = new TreeMap<>();
        for (int level = 0; byTag.containsKey(Scalar.UTILISATION + level); level++) {
            quantised(Scalar.UTILISATION + level).forEach((epoch, share) -> worst.merge(epoch, share, Math::min));
        }
        return worst;
    }

    private SortedMap<Integer, Double> curve(String tag) {
        return byTag.getOrDefault(tag, Collections.emptySortedMap());
    }

    /** While nothing is quantised, the loss of it is 0 and an evaluation's codes mean nothing. */
    private SortedMap<Integer, Double> quantised(String tag) {
        SortedMap<Integer, Double> curve = new TreeMap<>(curve(tag));
        curve.keySet().removeIf(epoch -> curve(Scalar.QUANTISATION_LOSS).getOrDefault(epoch, 0.0) == 0);
        return curve;
    }
}
