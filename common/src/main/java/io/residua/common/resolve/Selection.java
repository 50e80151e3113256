package io.residua.common.resolve;

/** Finds the k-th smallest number by Hoare's quickselect. */
final class Selection {
    private Selection() {}

    /**
     * Finds one order statistic in O(count) expected time.
     *
     * @param values reordered by the call; no NaN
     * @param count how many of them to look at, at least 1
     * @param k 1 for the smallest, {@code count} for the largest
     */
    static double smallest(double[] values, int count, int k) {
        if (k == count) {
            return largest(values, count);
        }
        int target = k - 1;
        int low = 0;
        int high = count - 1;
        while (low < high) {
            double pivot = values[(low + high) >>> 1];
            int left = low;
            int right = high;
            while (left <= right) {
                while (values[left] < pivot) {
                    left++;
                }
                while (values[right] > pivot) {
                    right--;
                }
                if (left <= right) {
                    double kept = values[left];
                    values[left++] = values[right];
                    values[right--] = kept;
                }
            }
            if (target <= right) {
                high = right;
            } else if (target >= left) {
                low = left;
            } else {
                return values[target];
            }
        }
        return values[target];
    }

    private static double largest(double[] values, int count) {
        double largest = values[0];
        for (int k = 1; k < count; k++) {
            if (values[k] > largest) {
                largest = values[k];
            }
        }
        return largest;
    }
}
