package io.residua.indexer.assign;

import io.residua.common.index.CodeTable;
import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.CollisionResolver;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Assigns unique codes to all items at once. An item whose nearest code nobody else has keeps it. Those that share one
 * compete for the free entries of their prefix, all that compete for a prefix together; the entry that they share goes
 * to the one that the assignment gives it to. Those that find their prefix full go on to the next one that is not.
 *
 * <p>Prefixes are resolved in parallel; the result depends on the order of the rows alone.
 */
public final class OfflineAssignment {
    private static final byte[] NO_ITEM = {};

    private final int levels;
    private final HeldEntries held;
    private final ThreadLocal<PrefixAssignment> assignments;

    /** Assigns with these codebooks; {@code resolvers} makes one for each thread. One instance assigns once. */
    public OfflineAssignment(Codebooks codebooks, Supplier<? extends CollisionResolver> resolvers) {
        this.levels = codebooks.levels();
        this.held = new HeldEntries(levels, codebooks.size(levels - 1));
        this.assignments = ThreadLocal.withInitial(() -> new PrefixAssignment(codebooks, resolvers.get()));
    }

    /**
     * Keeps codes from being assigned.
     *
     * @param codes row-major [items × levels]
     */
    public void hold(int[] codes) {
        for (int offset = 0; offset < codes.length; offset += levels) {
            held.hold(held.prefix(codes, offset), codes[offset + levels - 1]);
        }
    }

    /**
     * Resolves collisions in place.
     *
     * @param codes nearest codes, row-major [items × levels]; receives the unique ones
     * @param latents row-major [items × eDim]
     * @return rows that found no free code within reach and still have their nearest one, ascending; none if all is well
     */
    public int[] resolve(int[] codes, float[] latents) {
        int[] shared = holdUnshared(codes);
        int eDim = codes.length == 0 ? 0 : latents.length / (codes.length / levels);
        List<WaitingRow> waiting = new ArrayList<>();
        for (int row : shared) {
            float[] latent = Arrays.copyOfRange(latents, row * eDim, (row + 1) * eDim);
            waiting.add(new WaitingRow(row, request(row, codes, latent), held.prefix(codes, row * levels)));
        }
        List<WaitingRow> unplaced = new ArrayList<>();
        while (!waiting.isEmpty()) {
            resolveOnce(waiting, codes);
            waiting.removeIf(WaitingRow::isPlaced);
            moveOn(waiting);
            waiting.stream().filter(WaitingRow::isOutOfReach).forEach(unplaced::add);
            waiting.removeIf(WaitingRow::isOutOfReach);
        }
        return unplaced.stream().mapToInt(WaitingRow::row).sorted().toArray();
    }

    /** Lets the rows whose code nobody else has hold it; returns the others. */
    private int[] holdUnshared(int[] codes) {
        int rows = codes.length / levels;
        CodeTable table = new CodeTable(levels);
        int[] numbers = new int[rows];
        int[] sharers = new int[rows];
        for (int row = 0; row < rows; row++) {
            numbers[row] = table.add(codes, row * levels);
            sharers[numbers[row]]++;
        }
        int[] shared = new int[rows];
        int count = 0;
        for (int row = 0; row < rows; row++) {
            int prefix = held.prefix(codes, row * levels);
            if (sharers[numbers[row]] > 1 || !held.hold(prefix, codes[(row + 1) * levels - 1])) {
                shared[count++] = row;
            }
        }
        return Arrays.copyOf(shared, count);
    }

    /** Resolves every prefix that requests wait for. */
    private void resolveOnce(List<WaitingRow> waiting, int[] codes) {
        Map<Integer, List<WaitingRow>> groups = new HashMap<>();
        for (WaitingRow each : waiting) {
            groups.computeIfAbsent(each.prefix(), prefix -> new ArrayList<>()).add(each);
        }
        groups.values().parallelStream().forEach(group -> resolve(group, codes));
    }

    /** In blocks, since the time of an assignment grows faster than the number of its items. */
    private void resolve(List<WaitingRow> group, int[] codes) {
        PrefixAssignment assignment = assignments.get();
        int prefix = group.get(0).prefix();
        int block = assignment.maxRequests();
        for (int from = 0; from < group.size() && !held.isFull(prefix); from += block) {
            resolve(assignment, prefix, group.subList(from, Math.min(from + block, group.size())), codes);
        }
    }

    private void resolve(PrefixAssignment assignment, int prefix, List<WaitingRow> block, int[] codes) {
        int[] prefixCodes = held.codes(prefix);
        List<Request> requests = block.stream().map(WaitingRow::request).toList();
        HeldCode nobody = new HeldCode(NO_ITEM, 0);
        int[] entries = assignment.assign(
                prefixCodes, requests, visitor -> held.forEach(prefix, entry -> visitor.accept(nobody, entry)));
        for (int i = 0; i < entries.length; i++) {
            if (entries[i] != PrefixAssignment.NONE) {
                int row = block.get(i).row();
                System.arraycopy(prefixCodes, 0, codes, row * levels, levels - 1);
                codes[(row + 1) * levels - 1] = entries[i];
                held.hold(prefix, entries[i]);
                block.get(i).place();
            }
        }
    }

    /** Moves requests to their next prefixes that are not full. */
    private void moveOn(List<WaitingRow> waiting) {
        waiting.parallelStream().forEach(each -> each.moveOn(assignments.get(), held));
        for (WaitingRow each : waiting) {
            each.number(held);
        }
    }

    private Request request(int row, int[] codes, float[] latent) {
        int[] nearest = Arrays.copyOfRange(codes, row * levels, (row + 1) * levels);
        return new Request(idOf(row), new SourcePosition(0, row, 0), 0, 0, nearest, latent, 0);
    }

    /** Row numbers as bytes that sort as the numbers do. */
    private static byte[] idOf(int row) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(row).array();
    }
}
