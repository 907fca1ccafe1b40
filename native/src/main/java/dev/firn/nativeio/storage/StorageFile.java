package dev.firn.nativeio.storage;

import java.lang.foreign.MemorySegment;

/**
 * An open file. Its blocking methods are for the control path; data moves through a {@link Ring}.
 *
 * <p>All failures are {@link StorageException}s. Nothing is durable before {@link #sync()} or a ring's sync.
 */
public interface StorageFile extends AutoCloseable {
    /** The name within its storage. */
    String name();

    long lengthBytes();

    FileStatus status();

    /**
     * Sets an extended attribute of the file: visible at once, durable after {@link #sync()} or a ring's sync (not a data
     * sync). Fails with {@link Errno#EOPNOTSUPP} where the file system keeps none.
     */
    void setAttribute(String attribute, byte[] value);

    /** An extended attribute of the file; null when it has none of this name, or the file system keeps none. */
    byte[] attribute(String attribute);

    /** What address, offset and length of reads and writes must be multiples of; 1 when the file is not direct. */
    int alignmentBytes();

    /** Whether the page cache is bypassed. False too when it was asked for and the file system refused. */
    boolean direct();

    /** Reserves space and extends the file to {@code fileOffset + lengthBytes} when it is shorter. */
    void allocate(long fileOffset, long lengthBytes);

    void truncate(long lengthBytes);

    /** Reads until the buffer is full or the file ends; returns the bytes read. Blocks. */
    int read(long fileOffset, MemorySegment buffer);

    /** Writes the whole buffer. Blocks. */
    void write(long fileOffset, MemorySegment buffer);

    /** fsync. A failure is final: the file's unsynced content is unknown and must be recovered, not retried. */
    void sync();

    @Override
    void close();
}
