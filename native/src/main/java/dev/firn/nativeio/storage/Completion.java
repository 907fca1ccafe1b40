package dev.firn.nativeio.storage;

/**
 * What became of one operation: a flyweight over the ring's table, valid only inside
 * {@link CompletionHandler#onCompletion}.
 */
public interface Completion {
    /** The token that was given with the operation. */
    long token();

    /** Bytes moved, or 0 for operations that move none; the negative errno when the operation failed. */
    int result();

    OperationKind kind();

    /** The file that the operation was for, or null for NOP, TIMEOUT, LINK_TIMEOUT and CANCEL. */
    RingFile file();

    /** Where in the file the operation began. */
    long fileOffset();

    /** How many bytes were asked for. A read that ends at the end of the file completes with fewer. */
    long requestedBytes();

    default boolean failed() {
        return result() < 0;
    }

    /** The positive errno, or 0 when the operation succeeded. See {@link Errno} for names. */
    default int errno() {
        return Math.max(0, -result());
    }

    /** The failure with operation, file, offset and errno in its message; allocates, so only on the error path. */
    default StorageException failure() {
        final RingFile file = file();
        return new StorageException(kind().name(), file == null ? "" : file.name(), fileOffset(), errno());
    }
}
