package dev.firn.nativeio.storage;

/** Which implementation stands behind a {@link Ring} on a real host. */
public enum RingBackend {
    /** io_uring where the host has it, else portable. The system property {@code firn.ring} overrides. */
    BEST,
    /** io_uring, or an error that says why not. */
    URING,
    /** Positional reads and writes on a small pool of threads. */
    PORTABLE
}
