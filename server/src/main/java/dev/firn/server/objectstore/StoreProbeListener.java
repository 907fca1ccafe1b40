package dev.firn.server.objectstore;

/** Learns what the store role finds; called on the role's agent. */
public interface StoreProbeListener {
    /** An object was written, read back whole and deleted; this is how long that took. */
    void onProof(long durationNs);

    /** A proof failed. */
    void onFailure();

    /** A sweep has aborted so many uploads. */
    void onSweep(int abortedUploads);
}
