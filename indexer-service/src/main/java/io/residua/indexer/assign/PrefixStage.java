package io.residua.indexer.assign;

import io.residua.common.event.Resolution;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.wire.Answer;
import io.residua.indexer.wire.Answer.Full;
import io.residua.indexer.wire.Answer.Grant;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.Place;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Gives the entries of the last codebook to the items of a prefix, each entry to one item at a time.
 *
 * <p>All items that share a prefix meet in one task, so that uniqueness needs no further coordination. An item whose
 * nearest entry is free gets it at once; the others wait in a store until the next resolution, which assigns all that
 * wait for a prefix together. An entry becomes free only by a release that names its current claim. An item's own
 * entries count as free for itself.
 */
final class PrefixStage implements Processor<byte[], PrefixCommand, byte[], Answer> {
    private final Codebooks codebooks;
    private final Duration resolveInterval;
    private final IndexerMeters meters;
    private final PrefixAssignment assignment;
    private ProcessorContext<byte[], Answer> context;
    private PlaceTable places;
    private KeyValueStore<byte[], PrefixCommand> waiting;
    /** False only if the store is known to be empty; saves a look into it at every resolution. */
    private boolean mayHaveWaiting;

    PrefixStage(AssignSettings settings) {
        this.codebooks = settings.codebooks();
        this.resolveInterval = settings.resolveInterval();
        this.meters = settings.meters();
        this.assignment = new PrefixAssignment(codebooks, settings.sinkhornEpsilon());
    }

    @Override
    public void init(ProcessorContext<byte[], Answer> newContext) {
        context = newContext;
        places = new PlaceTable(context.getStateStore(AssignTopology.PLACES));
        waiting = context.getStateStore(AssignTopology.WAITING);
        // Also after an aborted transaction, when Kafka Streams restores the stores and initialises this instance anew.
        mayHaveWaiting = true;
        context.schedule(resolveInterval, PunctuationType.WALL_CLOCK_TIME, now -> resolveWaiting());
    }

    @Override
    public void process(Record<byte[], PrefixCommand> record) {
        if (record.value() instanceof Request request) {
            onRequest(record.key(), request);
        } else if (record.value() instanceof Release release) {
            places.release(release.codes(), release.claim());
        }
    }

    private void onRequest(byte[] prefixKey, Request request) {
        byte[] waitingKey = concat(prefixKey, request.itemId());
        Place holder = places.holder(request.codes());
        if (holder == null || PlaceTable.isHeldBy(holder, request.itemId())) {
            if (mayHaveWaiting) {
                waiting.delete(waitingKey);
            }
            grant(request, request.codes());
        } else {
            waiting.put(waitingKey, request);
            mayHaveWaiting = true;
        }
    }

    private void resolveWaiting() {
        if (!mayHaveWaiting) {
            return;
        }
        List<byte[]> resolved = new ArrayList<>();
        try (KeyValueIterator<byte[], PrefixCommand> rows = waiting.all()) {
            List<Request> group = new ArrayList<>();
            byte[] groupPrefix = null;
            while (rows.hasNext()) {
                KeyValue<byte[], PrefixCommand> row = rows.next();
                Request request = (Request) row.value;
                byte[] prefixKey = Codes.prefixKey(request.codes());
                boolean complete = groupPrefix != null && !Arrays.equals(groupPrefix, prefixKey);
                if (complete || group.size() == assignment.mostAtOnce()) {
                    resolve(groupPrefix, group);
                    group.clear();
                }
                groupPrefix = prefixKey;
                group.add(request);
                resolved.add(row.key);
            }
            if (groupPrefix != null) {
                resolve(groupPrefix, group);
            }
        }
        resolved.forEach(waiting::delete);
        mayHaveWaiting = false;
    }

    /** Assigns the requests of one prefix, which the store yields in the order of their item ids. */
    private void resolve(byte[] prefixKey, List<Request> group) {
        long start = System.nanoTime();
        int[] entries = assignment.assign(group, visitor -> places.forEachHolder(prefixKey, visitor));
        for (int i = 0; i < entries.length; i++) {
            Request request = group.get(i);
            if (entries[i] == PrefixAssignment.NONE) {
                answer(request, new Full(request.number()));
            } else {
                int[] codes = request.codes().clone();
                codes[codes.length - 1] = entries[i];
                grant(request, codes);
            }
        }
        meters.resolved(Duration.ofNanos(System.nanoTime() - start));
    }

    private void grant(Request request, int[] codes) {
        long claim = places.claim(codes, request.itemId());
        boolean nearest = Arrays.equals(codes, request.codes());
        double nearestError = codebooks.error(request.z(), request.codes());
        answer(
                request,
                new Grant(
                        request.number(),
                        codes,
                        claim,
                        nearest ? Resolution.NEAREST : Resolution.SINKHORN,
                        nearest ? nearestError : codebooks.error(request.z(), codes),
                        nearestError));
    }

    private void answer(Request request, Answer answer) {
        context.forward(new Record<>(request.itemId(), answer, context.currentSystemTimeMs()));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
