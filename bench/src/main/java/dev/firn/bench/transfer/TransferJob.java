package dev.firn.bench.transfer;

/**
 * What the suite asks of both sides, each in a process of its own: one line of JSON.
 *
 * @param kind what an operation does.
 * @param place where the store is: the endpoint of a server, or a directory.
 * @param transferBytes how many bytes one operation moves: a range of an object, or all of it.
 * @param objectBytes how long an object is.
 * @param inFlight operations on their way at once.
 * @param warmupNs how long to do the same before it counts; 0 for not at all.
 * @param measureNs how long new operations are begun; what is on its way then is waited for, and counts.
 */
public record TransferJob(
        Kind kind,
        String place,
        int transferBytes,
        int objectBytes,
        int inFlight,
        long seed,
        long warmupNs,
        long measureNs) {
    /** What an operation does. */
    public enum Kind {
        /** Reads a range of an object, or all of it. */
        GET,
        /** Writes an object, whatever may be there. */
        PUT,
        /** Writes an object under a key that nobody had. */
        CREATE
    }

    public boolean wholeObject() {
        return transferBytes == objectBytes;
    }
}
