package dev.firn.server.storage;

/** Learns what the storage role finds; called on the role's thread. */
public interface ProbeListener {
    /**
     * The ring is open.
     *
     * @param ring the ring's own description: back end and features.
     * @param direct whether the probe file is read and written past the page cache.
     */
    void onOpen(String ring, boolean direct);

    /** A probe was written, flushed and read back whole; the flush took this long, the write included. */
    void onFlush(long durationNs);

    /** A probe failed; the role is about to. */
    void onFailure();
}
