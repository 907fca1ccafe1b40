package dev.firn.server.quorum;

/** What the roles may hold off the heap: address space, of which only what is used is taken. */
public final class RoleMemory {
    /** A timeline's log takes some 10 MiB, its archiver two segments of 16 MiB and what is read for it. */
    public static final long WAL_NODE_BYTES = 512L << 20;

    /** The window of what is not committed yet, the connection's buffers, the parts of a base backup. */
    public static final long RECEIVER_BYTES = 256L << 20;

    private RoleMemory() {}
}
