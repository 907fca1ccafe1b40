package dev.firn.nativeio.storage;

/**
 * How a ring is opened.
 *
 * @param capacity most operations in flight; rounded up to a power of two.
 * @param maxFiles most files attached at once.
 * @param submissionThread let a kernel thread take submissions (SQPOLL): no system call a submission, a core spent.
 * @param submissionThreadIdleMs how long that kernel thread spins before it sleeps.
 * @param backend which back end to use.
 */
public record RingConfig(
        int capacity, int maxFiles, boolean submissionThread, int submissionThreadIdleMs, RingBackend backend) {
    public static final int MAX_CAPACITY = 32_768;
    public static final int MAX_FILES = 32_768;
    public static final int MAX_VECTORS = 16;

    public RingConfig {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("ring capacity " + capacity + " is not within 1.." + MAX_CAPACITY);
        }
        if (maxFiles < 1 || maxFiles > MAX_FILES) {
            throw new IllegalArgumentException("ring maxFiles " + maxFiles + " is not within 1.." + MAX_FILES);
        }
        if (submissionThreadIdleMs < 0) {
            throw new IllegalArgumentException("submissionThreadIdleMs is negative: " + submissionThreadIdleMs);
        }
        capacity = Integer.highestOneBit(Math.max(1, capacity * 2 - 1));
    }

    /** A ring of this capacity with the best back end of the host. */
    public static RingConfig ofCapacity(final int capacity) {
        return new RingConfig(capacity, 64, false, 50, RingBackend.BEST);
    }

    public RingConfig withBackend(final RingBackend chosen) {
        return new RingConfig(capacity, maxFiles, submissionThread, submissionThreadIdleMs, chosen);
    }

    public RingConfig withMaxFiles(final int files) {
        return new RingConfig(capacity, files, submissionThread, submissionThreadIdleMs, backend);
    }

    public RingConfig withSubmissionThread() {
        return new RingConfig(capacity, maxFiles, true, submissionThreadIdleMs, backend);
    }
}
