package dev.firn.walquorum.archive;

/** What an archiver has done, for the metrics. Written by the archiver's thread, read from any. */
public final class ArchiveCounters {
    private volatile long segmentsPut;
    private volatile long bytesPut;
    private volatile long segmentsFound;
    private volatile long segmentsTakenOver;
    private volatile long retries;

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void put(final long bytes, final boolean takenOver) {
        segmentsPut++;
        bytesPut += bytes;
        if (takenOver) {
            segmentsTakenOver++;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void found() {
        segmentsFound++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void retried() {
        retries++;
    }

    /** Segments that this node has put. */
    public long segmentsPut() {
        return segmentsPut;
    }

    public long bytesPut() {
        return bytesPut;
    }

    /** Segments that others had put. */
    public long segmentsFound() {
        return segmentsFound;
    }

    /** Of those put, the ones whose turn was another node's. */
    public long segmentsTakenOver() {
        return segmentsTakenOver;
    }

    /** Attempts that failed and were, or will be, repeated. */
    public long retries() {
        return retries;
    }
}
