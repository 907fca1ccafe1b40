package dev.firn.nativeio.simulation;

/**
 * What goes wrong on a disk by chance; each is a probability. What a crash does to unsynced data is not chance alone but
 * the model: see {@link SimulatedDisk}.
 *
 * @param readError a read fails with EIO.
 * @param writeError a write fails with EIO, after any subset of its sectors.
 * @param syncError a sync fails with EIO and the file's unsynced data are dropped.
 * @param directorySyncError the sync of a directory fails with EIO.
 * @param shortRead a ring's read of more than one alignment unit returns less than asked for and less than there is.
 * @param shortWrite a ring's write of more than one alignment unit writes only its beginning.
 * @param bitFlip a read finds, and leaves, a flipped bit in one of its clean sectors.
 * @param tornSector an unsynced sector that a crash lets change is torn; 0 makes sectors atomic.
 * @param partialSubmit a submit hands over only some of what is queued.
 */
public record DiskFaults(
        double readError,
        double writeError,
        double syncError,
        double directorySyncError,
        double shortRead,
        double shortWrite,
        double bitFlip,
        double tornSector,
        double partialSubmit,
        Latency readLatency,
        Latency writeLatency,
        Latency syncLatency) {
    /** No runtime fault, atomic sectors. A crash still loses unsynced data. */
    public static final DiskFaults NONE = new DiskFaults(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            new Latency(5_000, 100_000, 0, 0),
            new Latency(5_000, 50_000, 0, 0),
            new Latency(20_000, 300_000, 0, 0));

    /** No error, but what every disk may do: short transfers, torn sectors, slow operations. */
    public static final DiskFaults GENTLE = new DiskFaults(
            0,
            0,
            0,
            0,
            0.01,
            0.01,
            0,
            0.1,
            0.01,
            new Latency(5_000, 200_000, 0.01, 5_000_000),
            new Latency(5_000, 100_000, 0.01, 5_000_000),
            new Latency(20_000, 500_000, 0.02, 20_000_000));

    /** A failing disk. Bits do not flip: what survives them depends on the protocol; ask for them by name. */
    public static final DiskFaults HARSH = new DiskFaults(
            0.001,
            0.001,
            0.002,
            0.001,
            0.05,
            0.05,
            0,
            0.3,
            0.05,
            new Latency(1_000, 1_000_000, 0.05, 50_000_000),
            new Latency(1_000, 1_000_000, 0.05, 50_000_000),
            new Latency(1_000, 5_000_000, 0.05, 200_000_000));

    public DiskFaults {
        Probability.check("readError", readError);
        Probability.check("writeError", writeError);
        Probability.check("syncError", syncError);
        Probability.check("directorySyncError", directorySyncError);
        Probability.check("shortRead", shortRead);
        Probability.check("shortWrite", shortWrite);
        Probability.check("bitFlip", bitFlip);
        Probability.check("tornSector", tornSector);
        Probability.check("partialSubmit", partialSubmit);
    }

    /** The same with these probabilities of EIO. */
    public DiskFaults withErrors(final double read, final double write, final double sync, final double directorySync) {
        return new DiskFaults(
                read,
                write,
                sync,
                directorySync,
                shortRead,
                shortWrite,
                bitFlip,
                tornSector,
                partialSubmit,
                readLatency,
                writeLatency,
                syncLatency);
    }

    /** The same with these probabilities of short transfers. */
    public DiskFaults withShort(final double read, final double write) {
        return new DiskFaults(
                readError,
                writeError,
                syncError,
                directorySyncError,
                read,
                write,
                bitFlip,
                tornSector,
                partialSubmit,
                readLatency,
                writeLatency,
                syncLatency);
    }

    /** The same with this probability of a flipped bit a read. */
    public DiskFaults withBitFlip(final double probability) {
        return new DiskFaults(
                readError,
                writeError,
                syncError,
                directorySyncError,
                shortRead,
                shortWrite,
                probability,
                tornSector,
                partialSubmit,
                readLatency,
                writeLatency,
                syncLatency);
    }

    /** The same with this probability of a torn sector. */
    public DiskFaults withTornSector(final double probability) {
        return new DiskFaults(
                readError,
                writeError,
                syncError,
                directorySyncError,
                shortRead,
                shortWrite,
                bitFlip,
                probability,
                partialSubmit,
                readLatency,
                writeLatency,
                syncLatency);
    }

    /** The same with this probability of a submit that hands over only a part. */
    public DiskFaults withPartialSubmit(final double probability) {
        return new DiskFaults(
                readError,
                writeError,
                syncError,
                directorySyncError,
                shortRead,
                shortWrite,
                bitFlip,
                tornSector,
                probability,
                readLatency,
                writeLatency,
                syncLatency);
    }
}
