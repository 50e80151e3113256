package io.residua.indexer.assign;

import static java.util.stream.Collectors.groupingBy;

import io.residua.common.quantise.Codebooks;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns unique codes to all items at once, as the stream would if they came in the order of their rows and the
 * colliding ones waited for each other: the first of those that share a nearest code keeps it, the others of a prefix are
 * resolved together.
 */
public final class OfflineAssignment {
    private final PrefixAssignment assignment;

    /** Assigns with these codebooks and this final relative temperature. */
    public OfflineAssignment(Codebooks codebooks, double sinkhornEpsilon) {
        this.assignment = new PrefixAssignment(codebooks, sinkhornEpsilon);
    }

    /**
     * Resolves collisions in place.
     *
     * @param codes nearest codes, [items][levels]; receives the unique ones
     * @param latents [items][eDim]
     * @return rows that found every entry of their prefix taken and still have their nearest code; empty if all is well
     */
    public List<Integer> resolve(int[][] codes, float[][] latents) {
        List<Request> colliding = new ArrayList<>();
        Map<ByteBuffer, Integer> holders = new HashMap<>();
        for (int row = 0; row < codes.length; row++) {
            if (holders.putIfAbsent(ByteBuffer.wrap(Codes.key(codes[row])), row) != null) {
                colliding.add(request(row, codes[row], latents[row]));
            }
        }
        Map<ByteBuffer, List<Integer>> heldByPrefix =
                holders.values().stream().collect(groupingBy(row -> ByteBuffer.wrap(Codes.prefixKey(codes[row]))));
        List<Integer> unplaced = new ArrayList<>();
        colliding.stream()
                .collect(groupingBy(request -> ByteBuffer.wrap(Codes.prefixKey(request.codes()))))
                .forEach((prefix, group) -> unplaced.addAll(resolve(group, heldByPrefix.get(prefix), codes)));
        unplaced.sort(null);
        return unplaced;
    }

    private List<Integer> resolve(List<Request> group, List<Integer> held, int[][] codes) {
        int[] entries = assignment.assign(
                assignment.prefix(group.get(0)),
                group,
                visitor -> held.forEach(
                        row -> visitor.accept(new HeldCode(idOf(row), 0), codes[row][codes[row].length - 1])));
        List<Integer> unplaced = new ArrayList<>();
        for (int i = 0; i < entries.length; i++) {
            int row = (int) group.get(i).position().offset();
            if (entries[i] == PrefixAssignment.NONE) {
                unplaced.add(row);
            } else {
                codes[row] = Arrays.copyOf(codes[row], codes[row].length);
                codes[row][codes[row].length - 1] = entries[i];
            }
        }
        return unplaced;
    }

    private static Request request(int row, int[] codes, float[] latent) {
        return new Request(idOf(row), new SourcePosition(0, row, 0), 0, 0, codes, latent, 0);
    }

    /** Row numbers as bytes that sort as the numbers do. */
    private static byte[] idOf(int row) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(row).array();
    }
}
