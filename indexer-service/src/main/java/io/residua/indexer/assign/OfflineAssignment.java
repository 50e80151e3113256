package io.residua.indexer.assign;

import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns unique codes to all items at once, as the stream would if they came in the order of their rows and the
 * colliding ones waited for each other: the first of those that share a nearest code keeps it, the others of a prefix are
 * resolved together, and those that find their prefix full go on to the next one.
 */
public final class OfflineAssignment {
    private final PrefixAssignment assignment;
    /** By prefix, the row that holds each entry. */
    private final Map<ByteBuffer, Map<Integer, Integer>> held = new HashMap<>();

    /** Assigns with these codebooks and this final relative temperature; one instance assigns once. */
    public OfflineAssignment(Codebooks codebooks, double sinkhornEpsilon) {
        this.assignment = new PrefixAssignment(codebooks, sinkhornEpsilon);
    }

    /**
     * Resolves collisions in place.
     *
     * @param codes nearest codes, [items][levels]; receives the unique ones
     * @param latents [items][eDim]
     * @return rows that found no free code within reach and still have their nearest one; empty if all is well
     */
    public List<Integer> resolve(int[][] codes, float[][] latents) {
        List<Request> waiting = new ArrayList<>();
        for (int row = 0; row < codes.length; row++) {
            if (!hold(codes[row], row)) {
                waiting.add(request(row, codes[row], latents[row]));
            }
        }
        List<Integer> unplaced = new ArrayList<>();
        while (!waiting.isEmpty()) {
            waiting = resolveOnce(waiting, codes, unplaced);
        }
        unplaced.sort(null);
        return unplaced;
    }

    /** Resolves every prefix that requests wait for; returns the requests that go on to another one. */
    private List<Request> resolveOnce(List<Request> waiting, int[][] codes, List<Integer> unplaced) {
        Map<ByteBuffer, List<Request>> groups = new LinkedHashMap<>();
        for (Request request : waiting) {
            int[] prefix = assignment.prefix(request);
            if (prefix == null) {
                unplaced.add(row(request));
            } else {
                groups.computeIfAbsent(ByteBuffer.wrap(Codes.key(prefix)), key -> new ArrayList<>())
                        .add(request);
            }
        }
        List<Request> passedOn = new ArrayList<>();
        groups.forEach((prefixKey, group) -> {
            int[] prefix = Codes.ofKey(prefixKey.array());
            int[] entries = assignment.assign(prefix, group, visitor -> held.getOrDefault(prefixKey, Map.of())
                    .forEach((entry, row) -> visitor.accept(new HeldCode(idOf(row), 0), entry)));
            for (int i = 0; i < entries.length; i++) {
                if (entries[i] == PrefixAssignment.NONE) {
                    passedOn.add(group.get(i).spilled());
                } else {
                    int row = row(group.get(i));
                    codes[row] = Codes.of(prefix, entries[i]);
                    hold(codes[row], row);
                }
            }
        });
        return passedOn;
    }

    /** Lets a row hold a code; false if another one does. */
    private boolean hold(int[] code, int row) {
        return held.computeIfAbsent(ByteBuffer.wrap(Codes.prefixKey(code)), prefix -> new HashMap<>())
                        .putIfAbsent(code[code.length - 1], row)
                == null;
    }

    private static Request request(int row, int[] codes, float[] latent) {
        return new Request(idOf(row), new SourcePosition(0, row, 0), 0, 0, codes.clone(), latent, 0);
    }

    private static int row(Request request) {
        return (int) request.position().offset();
    }

    /** Row numbers as bytes that sort as the numbers do. */
    private static byte[] idOf(int row) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(row).array();
    }
}
