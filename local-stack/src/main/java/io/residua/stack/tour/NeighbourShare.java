package io.residua.stack.tour;

/**
 * How often two items have the same first code: nearest neighbours compared with random pairs.
 *
 * @param neighbours share of the examined items that have the same first code as their nearest neighbour
 * @param random the expected share for a partner drawn uniformly from all other items
 */
record NeighbourShare(double neighbours, double random) {
    /** How many times more often neighbours share their first code than random pairs; infinite if those never do. */
    double ratio() {
        return neighbours == 0 ? 0 : neighbours / random;
    }

    /**
     * Compares the last items with all others. Costs {@code count · items · dim} multiplications.
     *
     * @param vectors row-major, one row of {@code dim} floats per item
     * @param firstCodes the first code of each item
     * @param from index of the first item to examine; at least one
     */
    static NeighbourShare of(float[] vectors, int dim, int[] firstCodes, int from) {
        int items = firstCodes.length;
        double[] norms = norms(vectors, dim, items);
        long sharedWithNearest = 0;
        long sharedWithOthers = 0;
        for (int item = from; item < items; item++) {
            if (firstCodes[item] == firstCodes[nearest(vectors, dim, norms, item)]) {
                sharedWithNearest++;
            }
            for (int other = 0; other < items; other++) {
                if (other != item && firstCodes[other] == firstCodes[item]) {
                    sharedWithOthers++;
                }
            }
        }
        double looked = items - from;
        return new NeighbourShare(sharedWithNearest / looked, sharedWithOthers / (looked * (items - 1)));
    }

    /** The other item with the greatest cosine similarity; ties by index. */
    static int nearest(float[] vectors, int dim, double[] norms, int item) {
        int nearest = -1;
        double best = Double.NEGATIVE_INFINITY;
        for (int other = 0; other < norms.length; other++) {
            double cosine = dot(vectors, item * dim, other * dim, dim) / (norms[item] * norms[other]);
            if (other != item && (nearest < 0 || cosine > best)) {
                nearest = other;
                best = cosine;
            }
        }
        return nearest;
    }

    static double[] norms(float[] vectors, int dim, int items) {
        double[] norms = new double[items];
        for (int item = 0; item < items; item++) {
            norms[item] = Math.sqrt(dot(vectors, item * dim, item * dim, dim));
        }
        return norms;
    }

    private static double dot(float[] vectors, int a, int b, int dim) {
        double sum = 0;
        for (int i = 0; i < dim; i++) {
            sum += vectors[a + i] * (double) vectors[b + i];
        }
        return sum;
    }
}
