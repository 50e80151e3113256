package io.residua.indexer.assign;

import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.CollisionResolver;
import io.residua.common.resolve.SinkhornResolver;
import io.residua.indexer.wire.Place;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/**
 * Chooses entries for the items that wait for one prefix.
 *
 * <p>An entry that one of these items already holds is open to that item alone. It keeps such an entry when none that is
 * open to everyone is nearer, before the resolution or after it. One instance serves one thread.
 */
final class PrefixAssignment {
    /** Stands for "every entry is taken". */
    static final int NONE = -1;

    /** Most distances computed at once: 32 MB. */
    private static final int MOST_DISTANCES = 1 << 22;

    private final Codebooks codebooks;
    private final int level;
    private final int size;
    private final CollisionResolver resolver;
    private final float[] residual;

    PrefixAssignment(Codebooks codebooks, double sinkhornEpsilon) {
        this.codebooks = codebooks;
        this.level = codebooks.levels() - 1;
        this.size = codebooks.size(level);
        this.resolver = new SinkhornResolver(sinkhornEpsilon);
        this.residual = new float[codebooks.eDim()];
    }

    /** Most requests of one call: memory grows with their number times the codebook's size. */
    int mostAtOnce() {
        return Math.max(1, MOST_DISTANCES / size);
    }

    /**
     * Assigns entries of the last level.
     *
     * @param requests of one prefix, in the order of their item ids' bytes
     * @param holders visits the occupied entries of that prefix
     * @return per request its entry, or {@link #NONE}; no entry twice
     */
    int[] assign(List<Request> requests, Consumer<ObjIntConsumer<Place>> holders) {
        int n = requests.size();
        double[] distances = distances(requests);
        boolean[] taken = new boolean[size];
        int[] own = new int[n];
        Arrays.fill(own, NONE);
        holders.accept((place, entry) -> {
            taken[entry] = true;
            int i = indexOf(requests, place.itemId());
            if (i >= 0 && (own[i] == NONE || distances[i * size + entry] < distances[i * size + own[i]])) {
                own[i] = entry;
            }
        });
        int[] free = freeEntries(taken);
        int[] assigned = own.clone();
        int[] competing = competing(distances, own, free);
        int[] columns = resolve(distances, competing, free);
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

    private int[] resolve(double[] distances, int[] competing, int[] free) {
        int n = competing.length;
        int m = free.length;
        if (n == 0) {
            return new int[0];
        }
        double[] open = new double[n * m];
        for (int k = 0; k < n; k++) {
            for (int j = 0; j < m; j++) {
                open[k * m + j] = distances[competing[k] * size + free[j]];
            }
        }
        return resolver.resolve(open, n, m, null);
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

    private double[] distances(List<Request> requests) {
        double[] distances = new double[requests.size() * size];
        for (int i = 0; i < requests.size(); i++) {
            Request request = requests.get(i);
            codebooks.residual(request.z(), 0, request.codes(), level, residual);
            codebooks.squaredDistances(residual, 0, level, distances, i * size);
        }
        return distances;
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
