package dev.firn.bench.cache;

import java.util.random.RandomGenerator;

/**
 * Numbers whose popularity follows Zipf's law: the n-th most popular comes with a frequency of 1 / n^skew. From a table of the summed
 * frequencies, by binary search: exact, and the same for the same seed everywhere. For one thread.
 */
final class ZipfNumbers {
    private final double[] summed;
    private final RandomGenerator random;

    /** @param count how many numbers there are: 0 is the most popular. */
    ZipfNumbers(final int count, final double skew, final RandomGenerator random) {
        this.random = random;
        this.summed = new double[count];
        double sum = 0;
        for (int rank = 0; rank < count; rank++) {
            sum += 1 / Math.pow(rank + 1, skew);
            summed[rank] = sum;
        }
    }

    int next() {
        final double point = random.nextDouble() * summed[summed.length - 1];
        int low = 0;
        int high = summed.length - 1;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (summed[middle] > point) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
