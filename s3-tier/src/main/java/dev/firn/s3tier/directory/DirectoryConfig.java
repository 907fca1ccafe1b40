package dev.firn.s3tier.directory;

/**
 * How the store in a directory works.
 *
 * @param workers threads with a ring each, on which everything is done; 0 to be driven by {@link
 *     dev.firn.s3tier.backend.StoreBackend#doWork()} on the caller's thread, with one ring: for simulations and
 *     tests.
 * @param transferBytes most bytes of one read or write of the ring.
 * @param transfersInFlight most reads or writes of one attempt that are on their way at once.
 * @param attemptsPerWorker most attempts that a worker has begun and not ended; the others wait in its queue.
 * @param queuedPerWorker most attempts that wait for a worker; beyond, they are refused as OVERLOADED.
 */
public record DirectoryConfig(
        int workers, int transferBytes, int transfersInFlight, int attemptsPerWorker, int queuedPerWorker) {
    public static final int MAX_WORKERS = 64;

    /** Operations numbered from here on are syncs: see {@link Task}. */
    static final int MAX_TRANSFERS = 64;

    public static final DirectoryConfig DEFAULT = new DirectoryConfig(4, 1 << 20, 8, 128, 4_096);

    /** Driven by the caller. */
    public static final DirectoryConfig DRIVEN = new DirectoryConfig(0, 1 << 20, 8, 128, 4_096);

    public DirectoryConfig {
        requireWithin("workers", workers, 0, MAX_WORKERS);
        requireWithin("transferBytes", transferBytes, 512, 1 << 30);
        requireWithin("transfersInFlight", transfersInFlight, 1, MAX_TRANSFERS);
        requireWithin("attemptsPerWorker", attemptsPerWorker, 1, 1_024);
        requireWithin("queuedPerWorker", queuedPerWorker, 2, 1 << 20);
    }

    public DirectoryConfig withWorkers(final int count) {
        return new DirectoryConfig(count, transferBytes, transfersInFlight, attemptsPerWorker, queuedPerWorker);
    }

    public DirectoryConfig withTransferBytes(final int bytes) {
        return new DirectoryConfig(workers, bytes, transfersInFlight, attemptsPerWorker, queuedPerWorker);
    }

    private static void requireWithin(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "the directory store's " + name + " is not within " + least + ".." + most + ": " + value);
        }
    }
}
