package dev.firn.nativeio.memory;

/** An {@link OffHeapMemory} has no room for a request. The message names tag, limit and who holds what. */
public final class OutOfOffHeapMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient MemoryTag tag;
    private final long requestedBytes;

    OutOfOffHeapMemoryException(final String message, final MemoryTag tag, final long requestedBytes) {
        super(message);
        this.tag = tag;
        this.requestedBytes = requestedBytes;
    }

    /** What the memory was wanted for. */
    public MemoryTag tag() {
        return tag;
    }

    public long requestedBytes() {
        return requestedBytes;
    }
}
