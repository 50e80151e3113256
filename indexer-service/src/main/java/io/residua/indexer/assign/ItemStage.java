package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.ItemCommand;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommand.NoFreeCode;
import io.residua.indexer.wire.ItemState;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SeenPositions;
import io.residua.indexer.wire.SourcePosition;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jboss.logging.Logger;

/**
 * Holds, per item, its newest source position and its published code, and is the only one that writes to the codes
 * topic.
 *
 * <p>It guarantees that a published code changes only with the item's embedding, that outdated grants have no effect on
 * what is published, and that every code an item was granted and does not publish is released. A code that another one
 * replaces is released in the transaction that writes the replacement, never before.
 */
final class ItemStage implements Processor<byte[], byte[], byte[], Object> {
    private static final Logger LOG = Logger.getLogger(ItemStage.class);
    private static final PrefixCommandV2 PREFIX_COMMANDS = new PrefixCommandV2();

    private final AssignSettings settings;
    private final IndexerMeters meters;
    private final ItemCodeRecords codeRecords;
    private final ItemCommandCheck check;
    private ProcessorContext<byte[], Object> context;
    private InternalRecords records;
    private AdaptiveCommit commit;
    private ItemStates items;
    private DeleteMarkers deleteMarkers;
    private RefusalLetters letters;
    private boolean warnedOfMixedPartitions;

    ItemStage(AssignSettings settings) {
        this.settings = settings;
        this.meters = settings.meters();
        this.codeRecords = new ItemCodeRecords(settings.modelVersion());
        this.check = new ItemCommandCheck(settings.codebooks());
    }

    /** Also called after an aborted transaction: whatever memory held is read from the stores again. */
    @Override
    public void init(ProcessorContext<byte[], Object> newContext) {
        close();
        context = newContext;
        records = new InternalRecords(context, AssignTopology.ITEM_DEAD_LETTERS_SINK, settings);
        commit = new AdaptiveCommit(context, settings.commitInterval());
        KeyValueStore<byte[], ItemState> store = context.getStateStore(AssignTopology.ITEMS);
        items = new ItemStates(context, store);
        deleteMarkers = new DeleteMarkers(
                context,
                store,
                context.getStateStore(AssignTopology.DELETIONS),
                settings.floor(),
                settings.deleteMarkerRetention());
        letters = new RefusalLetters(
                context,
                context.getStateStore(AssignTopology.REFUSALS),
                settings.sourceRecords(),
                this::sendRefusalLetter);
    }

    @Override
    public void close() {
        if (letters != null) {
            commit.close();
            items.close();
            deleteMarkers.close();
            letters.close();
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        ItemCommand command = records.read(record, AssignTopology.ITEM_COMMANDS, check);
        if (command == null) {
            commit.onRecord();
            return;
        }
        SourcePosition position = command.position();
        commit.onRecord(position.timestamp());
        byte[] itemId = record.key();
        ItemState state = items.get(itemId);
        if (state == null) {
            onUnknownItem(itemId, command);
        } else if (state.seen().precedes(position)) {
            warnOfMixedPartitions(itemId, state.seen(), position);
            onNewer(itemId, state, state.seen().and(position), command);
        } else {
            onOlder(itemId, noteOffset(itemId, state, position), command);
        }
    }

    private void onUnknownItem(byte[] itemId, ItemCommand command) {
        SeenPositions seen = SeenPositions.first(command.position());
        boolean forgotten = deleteMarkers.isForgotten(command.position());
        if (command instanceof Deleted deleted) {
            onDeleted(itemId, null, seen, deleted);
        } else if (command instanceof Grant grant) {
            if (forgotten) {
                release(grant.codes(), grant.claim());
            } else {
                publish(itemId, null, seen, grant);
            }
        } else if (command instanceof NoFreeCode refusal && !forgotten) {
            refuse(itemId, null, ItemState.refusedUnpublished(seen), refusal);
        }
    }

    private void onNewer(byte[] itemId, ItemState state, SeenPositions seen, ItemCommand command) {
        if (command instanceof Deleted deleted) {
            onDeleted(itemId, state, seen, deleted);
        } else if (command instanceof Grant grant) {
            if (state.publishesEmbedding(grant.fingerprint())) {
                keep(itemId, state, seen, grant);
            } else {
                publish(itemId, state, seen, grant);
            }
        } else if (command instanceof NoFreeCode refusal) {
            if (state.publishesEmbedding(refusal.fingerprint())) {
                items.put(itemId, state, state.confirmed(seen));
                meters.unchanged();
            } else {
                refuse(itemId, state, state.refused(seen), refusal);
            }
        }
    }

    private void onOlder(byte[] itemId, ItemState state, ItemCommand command) {
        if (!(command instanceof Grant grant)) {
            meters.outdated();
        } else if (!state.publishes(grant.codes())) {
            release(grant.codes(), grant.claim());
            meters.outdated();
        } else if (grant.claim() > state.claim()) {
            items.put(itemId, state, state.reclaimed(grant.claim()));
        }
    }

    /** The same embedding came again: its code stays, whatever was granted now. */
    private void keep(byte[] itemId, ItemState before, SeenPositions seen, Grant grant) {
        ItemState confirmed = before.confirmed(seen);
        boolean same = confirmed.publishes(grant.codes());
        if (!same) {
            release(grant.codes(), grant.claim());
        }
        ItemState kept = same && grant.claim() > confirmed.claim() ? confirmed.reclaimed(grant.claim()) : confirmed;
        items.put(itemId, before, kept);
        meters.unchanged();
    }

    private void publish(byte[] itemId, ItemState before, SeenPositions seen, Grant grant) {
        long now = context.currentSystemTimeMs();
        context.forward(codeRecords.code(itemId, grant, now), AssignTopology.CODES_SINK);
        if (before != null && before.published() && !before.publishes(grant.codes())) {
            release(before.code(), before.claim());
        }
        items.put(itemId, before, ItemState.coded(seen, grant));
        meters.coded(
                grant.resolution(), Duration.ofMillis(now - grant.position().timestamp()));
    }

    private void onDeleted(byte[] itemId, ItemState before, SeenPositions seen, Deleted deleted) {
        if (before != null && before.published()) {
            context.forward(
                    codeRecords.tombstone(itemId, deleted.position(), context.currentSystemTimeMs()),
                    AssignTopology.CODES_SINK);
            release(before.code(), before.claim());
            meters.deleted();
        }
        items.put(itemId, before, ItemState.deleted(seen));
        deleteMarkers.add(itemId, deleted.position());
    }

    private void refuse(byte[] itemId, ItemState before, ItemState refused, NoFreeCode refusal) {
        items.put(itemId, before, refused);
        letters.add(itemId, refusal.position());
        meters.full();
    }

    private void sendRefusalLetter(ConsumerRecord<byte[], byte[]> source) {
        records.sendLetter(source, DeadLetters.CODE_SPACE_FULL, "no free entry within reach");
    }

    /** Remembers the offset of a record that is not newer; it matters only where an item's partitions are mixed. */
    private ItemState noteOffset(byte[] itemId, ItemState state, SourcePosition position) {
        SeenPositions seen = state.seen().and(position);
        if (seen.equals(state.seen())) {
            return state;
        }
        warnOfMixedPartitions(itemId, state.seen(), position);
        ItemState noted = state.withSeen(seen);
        items.put(itemId, state, noted);
        return noted;
    }

    private void warnOfMixedPartitions(byte[] itemId, SeenPositions seen, SourcePosition position) {
        if (!seen.isOfAnotherPartition(position)) {
            return;
        }
        meters.mixedPartitions();
        if (!warnedOfMixedPartitions) {
            warnedOfMixedPartitions = true;
            LOG.warnf(
                    "item comes from several partitions, producers must partition alike "
                            + "(librdkafka: partitioner=murmur2_random) item=%s partitions=%d,%d",
                    new String(itemId, UTF_8), seen.newest().partition(), position.partition());
        }
    }

    private void release(int[] codes, long claim) {
        PrefixCommand release = new Release(codes, claim);
        context.forward(
                new Record<byte[], Object>(
                        Codes.prefixKey(codes), PREFIX_COMMANDS.toBytes(release), context.currentSystemTimeMs()),
                AssignTopology.ITEM_REQUESTS_SINK);
    }
}
