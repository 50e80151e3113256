package io.residua.indexer.assign;

import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.CollisionResolver;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.function.ObjIntConsumer;

/**
 * Chooses entries for the items that wait for one prefix.
 *
 * <p>An entry that one of these items already holds is open to that item alone. The item is granted one of them again
 * unless an entry open to everyone is nearer. Where more items wait than entries are free, those stay that would lose
 * most by going to their next prefix. One instance serves one thread.
 */
final class PrefixAssignment {
    /** Stands for "no entry is free". */
    static final int NONE = -1;

    /** Maximum number of distances computed at once: 32 MB. */
    private static final int MAX_DISTANCES = 1 << 22;

    /** Cost of leaving for an item that has no further prefix to go to. */
    private static final double NOWHERE_TO_GO = 1e200;

    private final Codebooks codebooks;
    private final SpillOrder spillOrder;
    private final int level;
    private final int size;
    private final CollisionResolver resolver;
    private final float[] residual;
    private final double[] row;

    PrefixAssignment(Codebooks codebooks, CollisionResolver resolver) {
        this.codebooks = codebooks;
        this.spillOrder = new SpillOrder(codebooks);
        this.level = codebooks.levels() - 1;
        this.size = codebooks.size(level);
        this.resolver = resolver;
        this.residual = new float[codebooks.eDim()];
        this.row = new double[size];
    }

    /**
     * Most requests of one call: beyond a few times the codebook's entries, more of them change little but the cost; with a
     * large codebook, the matrix of distances is the limit.
     */
    int maxRequests() {
        return Math.max(1, Math.min(Math.max(64, 2 * size), MAX_DISTANCES / size));
    }

    /** The prefix that a request is to try: that of its nearest codes, or a later one if it has been passed on. */
    int[] prefix(Request request) {
        return spillOrder.prefix(request.z(), request.codes(), request.spills());
    }

    /**
     * The first prefixes that a request may try, that of its nearest codes first; fewer if there are no more.
     *
     * @return codes, row-major [prefixes × (levels − 1)]: many requests keep theirs for long
     */
    int[] prefixes(Request request, int count) {
        List<int[]> order = spillOrder.prefixes(request.z(), request.codes(), Math.min(count, SpillOrder.MAX_PREFIXES));
        int[] flat = new int[order.size() * level];
        for (int rank = 0; rank < order.size(); rank++) {
            System.arraycopy(order.get(rank), 0, flat, rank * level, level);
        }
        return flat;
    }

    /** The entry of a prefix that is nearest to a latent, the lowest index on ties. */
    int nearestEntry(float[] z, int[] prefix) {
        fillDistances(z, prefix, row, 0);
        int nearest = 0;
        for (int entry = 1; entry < size; entry++) {
            nearest = row[entry] < row[nearest] ? entry : nearest;
        }
        return nearest;
    }

    /**
     * Assigns entries of the last level.
     *
     * @param prefix codes of all levels but the last
     * @param requests of that prefix, in the order of their item ids' bytes
     * @param holders visits the held entries of that prefix
     * @return per request its entry, or {@link #NONE}; no entry twice
     */
    int[] assign(int[] prefix, List<Request> requests, Consumer<ObjIntConsumer<HeldCode>> holders) {
        int n = requests.size();
        double[] distances = new double[n * size];
        for (int i = 0; i < n; i++) {
            fillDistances(requests.get(i).z(), prefix, distances, i * size);
        }
        boolean[] taken = new boolean[size];
        int[] own = new int[n];
        Arrays.fill(own, NONE);
        holders.accept((held, entry) -> {
            taken[entry] = true;
            int i = indexOf(requests, held.itemId());
            if (i >= 0 && (own[i] == NONE || distances[i * size + entry] < distances[i * size + own[i]])) {
                own[i] = entry;
            }
        });
        int[] free = freeEntries(taken);
        int[] assigned = own.clone();
        int[] competing = competing(distances, own, free);
        int[] columns = resolve(
                distances,
                competing,
                free,
                k -> own[k] == NONE ? costOfLeaving(requests.get(k)) : distances[k * size + own[k]]);
        for (int k = 0; k < columns.length; k++) {
            int i = competing[k];
            if (columns[k] != CollisionResolver.OUTSIDE) {
                int entry = free[columns[k]];
                boolean ownIsNearer = own[i] != NONE && distances[i * size + own[i]] <= distances[i * size + entry];
                assigned[i] = ownIsNearer ? own[i] : entry;
            }
        }
        return assigned;
    }

    private int[] resolve(double[] distances, int[] competing, int[] free, IntToDoubleFunction costOfLeaving) {
        int n = competing.length;
        int m = free.length;
        if (n == 0 || m == 0) {
            int[] outside = new int[n];
            Arrays.fill(outside, CollisionResolver.OUTSIDE);
            return outside;
        }
        double[] open = new double[n * m];
        for (int k = 0; k < n; k++) {
            for (int j = 0; j < m; j++) {
                open[k * m + j] = distances[competing[k] * size + free[j]];
            }
        }
        double[] outsideCosts =
                n > m ? Arrays.stream(competing).mapToDouble(costOfLeaving).toArray() : null;
        return resolver.resolve(open, n, m, outsideCosts);
    }

    /** Squared distance to the nearest entry of the prefix that the request would go to, held or not. */
    private double costOfLeaving(Request request) {
        int[] next = spillOrder.prefix(request.z(), request.codes(), request.spills() + 1);
        return next == null ? NOWHERE_TO_GO : row[nearestEntry(request.z(), next)];
    }

    /** The items that an entry open to everyone would serve better than one of their own. */
    private int[] competing(double[] distances, int[] own, int[] free) {
        int[] competing = new int[own.length];
        int count = 0;
        for (int i = 0; i < own.length; i++) {
            if (own[i] == NONE || hasNearer(distances, i * size, own[i], free)) {
                competing[count++] = i;
            }
        }
        return Arrays.copyOf(competing, count);
    }

    private static boolean hasNearer(double[] distances, int row, int entry, int[] free) {
        for (int candidate : free) {
            if (distances[row + candidate] < distances[row + entry]) {
                return true;
            }
        }
        return false;
    }

    private void fillDistances(float[] z, int[] prefix, double[] out, int offset) {
        codebooks.residual(z, 0, prefix, level, residual);
        codebooks.squaredDistances(residual, 0, level, out, offset);
    }

    private static int[] freeEntries(boolean[] taken) {
        int[] free = new int[taken.length];
        int count = 0;
        for (int entry = 0; entry < taken.length; entry++) {
            if (!taken[entry]) {
                free[count++] = entry;
            }
        }
        return Arrays.copyOf(free, count);
    }

    private static int indexOf(List<Request> requests, byte[] itemId) {
        int low = 0;
        int high = requests.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Arrays.compareUnsigned(requests.get(middle).itemId(), itemId);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NONE;
    }
}
