package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.SemanticIds;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.wire.Answer;
import io.residua.indexer.wire.Answer.Full;
import io.residua.indexer.wire.Answer.Grant;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.ItemInput;
import io.residua.indexer.wire.ItemState;
import io.residua.indexer.wire.ItemState.Status;
import io.residua.indexer.wire.Latent;
import io.residua.indexer.wire.Latent.Deleted;
import io.residua.indexer.wire.Latent.Encoded;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jboss.logging.Logger;

/**
 * Holds, per item, its newest embedding and its published code, and is the only one that writes to the codes topic.
 *
 * <p>It guarantees that a published code changes only with the item's embedding, that outdated latents and answers have
 * no effect on what is published, and that every place an item was granted and does not hold is given back. A place that
 * another one replaces is released in the transaction that writes the replacement, never before.
 */
final class ItemStage implements Processor<byte[], ItemInput, byte[], Object> {
    private static final Logger LOG = Logger.getLogger(ItemStage.class);

    private final String modelVersion;
    private final SourceRecords sourceRecords;
    private final DeadLetters deadLetters;
    private final IndexerMeters meters;
    private final Duration deleteMarkerRetention;
    private ProcessorContext<byte[], Object> context;
    private KeyValueStore<byte[], ItemState> items;
    private DeleteMarkers deleteMarkers;
    private boolean warnedOfMixedPartitions;

    ItemStage(AssignSettings settings) {
        this.modelVersion = settings.modelVersion();
        this.sourceRecords = settings.sourceRecords();
        this.deadLetters = settings.deadLetters();
        this.meters = settings.meters();
        this.deleteMarkerRetention = settings.deleteMarkerRetention();
    }

    @Override
    public void init(ProcessorContext<byte[], Object> newContext) {
        context = newContext;
        items = context.getStateStore(AssignTopology.ITEMS);
        deleteMarkers = new DeleteMarkers(items, context.getStateStore(AssignTopology.DELETIONS));
        deleteMarkers.expireRegularly(context, deleteMarkerRetention);
    }

    @Override
    public void process(Record<byte[], ItemInput> record) {
        byte[] itemId = record.key();
        ItemState state = items.get(itemId);
        if (record.value() instanceof Latent latent) {
            onLatent(itemId, state, latent);
        } else if (record.value() instanceof Grant grant) {
            onGrant(itemId, state, grant);
        } else if (record.value() instanceof Full full) {
            onFull(itemId, state, full);
        }
    }

    private void onLatent(byte[] itemId, ItemState state, Latent latent) {
        if (state != null && !latent.position().newerThan(state.position())) {
            meters.outdated();
            return;
        }
        if (state != null && state.position().partition() != latent.position().partition()) {
            onMixedPartitions(itemId, state, latent);
        }
        if (latent instanceof Deleted) {
            onDeleted(itemId, state, latent);
        } else if (latent instanceof Encoded encoded) {
            onEncoded(itemId, state, encoded);
        }
    }

    private void onEncoded(byte[] itemId, ItemState state, Encoded latent) {
        if (state != null && isAnsweredOrUnderWay(state) && state.fingerprint() == latent.fingerprint()) {
            items.put(itemId, state.movedTo(latent.position()));
            meters.unchanged();
            return;
        }
        ItemState requested = state == null ? ItemState.first(latent) : state.requested(latent, state.number() + 1);
        items.put(itemId, requested);
        toPrefix(new Request(itemId, requested.number(), latent.codes(), latent.z()), latent.codes());
    }

    private static boolean isAnsweredOrUnderWay(ItemState state) {
        return state.status() == Status.CODED || state.status() == Status.PENDING;
    }

    private void onDeleted(byte[] itemId, ItemState state, Latent latent) {
        if (state == null) {
            items.put(itemId, ItemState.deletedUnseen(latent.position()));
        } else {
            if (state.published()) {
                toCodes(itemId, null);
                toPrefix(new Release(state.place(), state.claim()), state.place());
                meters.deleted();
            }
            items.put(itemId, state.deleted(latent.position()));
        }
        deleteMarkers.add(itemId, latent.position(), context.currentSystemTimeMs());
    }

    private void onGrant(byte[] itemId, ItemState state, Grant grant) {
        if (isValid(state, grant)) {
            publish(itemId, state, grant);
        } else if (state != null && state.published() && Arrays.equals(state.place(), grant.codes())) {
            items.put(itemId, state.reclaimed(grant.claim()));
        } else {
            toPrefix(new Release(grant.codes(), grant.claim()), grant.codes());
        }
    }

    private void publish(byte[] itemId, ItemState state, Grant grant) {
        ItemCode code = itemCode(itemId, state, grant);
        toCodes(itemId, code);
        if (state.published() && !Arrays.equals(state.place(), grant.codes())) {
            toPrefix(new Release(state.place(), state.claim()), state.place());
        }
        items.put(itemId, state.granted(grant));
        meters.coded(grant.resolution(), Duration.between(code.sourceTimestamp(), code.time()));
    }

    private void onFull(byte[] itemId, ItemState state, Full full) {
        if (!isValid(state, full)) {
            return;
        }
        items.put(itemId, state.refused());
        meters.full();
        sourceRecords.read(state.position()).ifPresent(source -> {
            deadLetters
                    .letter(source, DeadLetters.CODE_SPACE_FULL, "no free entry within reach")
                    .ifPresent(letter -> context.forward(
                            new Record<>(letter.key(), letter.value(), context.currentSystemTimeMs(), letter.headers()),
                            AssignTopology.DEAD_LETTERS_SINK));
            meters.refused(DeadLetters.CODE_SPACE_FULL);
        });
    }

    private static boolean isValid(ItemState state, Answer answer) {
        return state != null && state.status() == Status.PENDING && state.number() == answer.number();
    }

    private void onMixedPartitions(byte[] itemId, ItemState state, Latent latent) {
        meters.mixedPartitions();
        if (!warnedOfMixedPartitions) {
            warnedOfMixedPartitions = true;
            LOG.warnf(
                    "item comes from several partitions, producers must partition alike "
                            + "(librdkafka: partitioner=murmur2_random) item=%s partitions=%d,%d",
                    new String(itemId, UTF_8),
                    state.position().partition(),
                    latent.position().partition());
        }
    }

    private ItemCode itemCode(byte[] itemId, ItemState state, Grant grant) {
        List<Integer> codes = Arrays.stream(grant.codes()).boxed().toList();
        return new ItemCode(
                new String(itemId, UTF_8),
                modelVersion,
                codes,
                SemanticIds.tokens(codes),
                Arrays.stream(state.nearestCodes()).boxed().toList(),
                grant.claim(),
                grant.resolution(),
                grant.quantisationError(),
                grant.nearestError(),
                state.norm(),
                state.position().partition(),
                state.position().offset(),
                Instant.ofEpochMilli(state.position().timestamp()),
                Instant.ofEpochMilli(context.currentSystemTimeMs()));
    }

    private void toCodes(byte[] itemId, ItemCode code) {
        Headers headers = CloudEvents.headers(AssignTopology.ITEM_CODE_TYPE, AssignTopology.SOURCE, CloudEvents.JSON);
        byte[] value = code == null ? null : Json.write(code);
        context.forward(new Record<>(itemId, value, context.currentSystemTimeMs(), headers), AssignTopology.CODES_SINK);
    }

    private void toPrefix(PrefixCommand command, int[] codes) {
        context.forward(
                new Record<>(Codes.prefixKey(codes), command, context.currentSystemTimeMs()),
                AssignTopology.REQUESTS_SINK);
    }
}
