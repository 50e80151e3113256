package io.residua.indexer.assign;

import io.residua.common.event.Resolution;
import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.SinkhornResolver;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.ItemCommand;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommand.NoFreeCode;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Gives the entries of the last codebook to the items of a prefix, each entry to one item at a time.
 *
 * <p>All items that share a prefix meet in one task, so that uniqueness needs no further coordination. An item whose
 * nearest entry is free, or held by itself, is granted it at once under a new claim. The others wait in a store, and all
 * that wait for a prefix are assigned together at the next resolution. Only its own resolution, or a newer-or-equal
 * request of the same item, removes or replaces a waiting request. An entry becomes free only by a release that names
 * its current claim. A request that finds no free entry goes on to its next prefix ({@link SpillOrder}).
 */
final class PrefixStage implements Processor<byte[], byte[], byte[], Object> {
    private static final PrefixCommandV2 FORMAT = new PrefixCommandV2();

    private final AssignSettings settings;
    private final Codebooks codebooks;
    private final IndexerMeters meters;
    private final PrefixAssignment assignment;
    private final PrefixCommandCheck check;
    private ProcessorContext<byte[], Object> context;
    private InternalRecords records;
    private AdaptiveCommit commit;
    private HeldCodes heldCodes;
    private WaitingRequests waiting;
    private OnDemandPunctuation resolution;

    PrefixStage(AssignSettings settings) {
        this.settings = settings;
        this.codebooks = settings.codebooks();
        this.meters = settings.meters();
        this.assignment = new PrefixAssignment(codebooks, new SinkhornResolver(settings.sinkhornEpsilon()));
        this.check = new PrefixCommandCheck(codebooks);
    }

    /** Also called after an aborted transaction: whatever memory held is read from the stores again. */
    @Override
    public void init(ProcessorContext<byte[], Object> newContext) {
        close();
        context = newContext;
        records = new InternalRecords(context, AssignTopology.PREFIX_DEAD_LETTERS_SINK, settings);
        commit = new AdaptiveCommit(context, settings.commitInterval());
        heldCodes = new HeldCodes(context.getStateStore(AssignTopology.HELD_CODES));
        waiting = new WaitingRequests(
                context.getStateStore(AssignTopology.WAITING), (codebooks.levels() - 1) * Short.BYTES);
        resolution = new OnDemandPunctuation(context, now -> resolveWaiting());
        scheduleResolution();
    }

    @Override
    public void close() {
        if (resolution != null) {
            resolution.cancel();
            commit.close();
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        PrefixCommand command = records.read(record, FORMAT, check);
        if (command instanceof Request request) {
            commit.onRecord(request.position().timestamp());
            onRequest(record.key(), request);
            return;
        }
        commit.onRecord();
        if (command instanceof Release release) {
            heldCodes.release(release.codes(), release.claim());
        }
    }

    private void onRequest(byte[] prefixKey, Request request) {
        Request earlier = waiting.of(prefixKey, request.itemId());
        if (earlier != null && earlier.position().newerThan(request.position())) {
            meters.outdated();
            return;
        }
        int[] nearest = nearestCode(prefixKey, request);
        HeldCode holder = heldCodes.holder(nearest);
        if (holder == null || HeldCodes.isHeldBy(holder, request.itemId())) {
            if (earlier != null) {
                waiting.remove(prefixKey, request.itemId());
            }
            grant(request, nearest);
        } else {
            waiting.put(prefixKey, request);
            scheduleResolution();
        }
    }

    /** The nearest entry of the prefix: the encoder's choice on the item's own one. */
    private int[] nearestCode(byte[] prefixKey, Request request) {
        if (request.spills() == 0) {
            return request.codes();
        }
        int[] prefix = Codes.ofKey(prefixKey);
        return Codes.of(prefix, assignment.nearestEntry(request.z(), prefix));
    }

    private void scheduleResolution() {
        if (!waiting.isEmpty()) {
            resolution.schedule(settings.resolveInterval());
        }
    }

    private void resolveWaiting() {
        for (byte[] prefixKey : waiting.prefixes()) {
            for (List<Request> group = next(prefixKey); !group.isEmpty(); group = next(prefixKey)) {
                resolve(prefixKey, group);
            }
        }
    }

    private List<Request> next(byte[] prefixKey) {
        return waiting.first(prefixKey, assignment.maxRequests());
    }

    /** Assigns requests of one prefix, which come in the order of their item ids, and lets none of them wait on. */
    private void resolve(byte[] prefixKey, List<Request> group) {
        long start = System.nanoTime();
        int[] prefix = Codes.ofKey(prefixKey);
        int[] entries = assignment.assign(prefix, group, visitor -> heldCodes.forEachHolder(prefixKey, visitor));
        for (int i = 0; i < entries.length; i++) {
            Request request = group.get(i);
            waiting.remove(prefixKey, request.itemId());
            if (entries[i] == PrefixAssignment.NONE) {
                passOn(request);
            } else {
                grant(request, Codes.of(prefix, entries[i]));
            }
        }
        meters.resolved(Duration.ofNanos(System.nanoTime() - start));
    }

    private void passOn(Request request) {
        Request spilled = request.spilled();
        int[] prefix = assignment.prefix(spilled);
        if (prefix == null) {
            answer(request, new NoFreeCode(request.position(), request.fingerprint()));
        } else {
            meters.spilled();
            context.forward(
                    new Record<byte[], Object>(
                            Codes.key(prefix), FORMAT.toBytes(spilled), context.currentSystemTimeMs()),
                    AssignTopology.PREFIX_REQUESTS_SINK);
        }
    }

    private void grant(Request request, int[] codes) {
        long claim = heldCodes.claim(codes, request.itemId());
        boolean nearest = Arrays.equals(codes, request.codes());
        double nearestError = codebooks.error(request.z(), request.codes());
        Resolution resolved = request.spills() > 0 ? Resolution.SPILLED : Resolution.SINKHORN;
        answer(
                request,
                new Grant(
                        request.position(),
                        request.fingerprint(),
                        request.norm(),
                        request.codes(),
                        codes,
                        claim,
                        nearest ? Resolution.NEAREST : resolved,
                        nearest ? nearestError : codebooks.error(request.z(), codes),
                        nearestError));
    }

    private void answer(Request request, ItemCommand answer) {
        context.forward(
                new Record<byte[], Object>(
                        request.itemId(), AssignTopology.ITEM_COMMANDS.toBytes(answer), context.currentSystemTimeMs()),
                AssignTopology.GRANTS_SINK);
    }
}
