package dev.firn.nativeio.storage;

import java.lang.foreign.MemorySegment;

/**
 * Asynchronous file I/O: operations are queued, submitted together, and completed in any order.
 *
 * <p><b>One thread owns a ring:</b> the one that opened it. Every method throws {@link IllegalStateException} when
 * another thread calls it, before anything was touched.
 *
 * <p><b>Back-pressure:</b> each queueing method returns false, without effect, when the submission queue is full or
 * {@link #capacity()} operations are in flight. Submit or poll, then offer again. An accepted operation is completed
 * exactly once.
 *
 * <p><b>Buffers</b> are borrowed from the queueing call until the completion is delivered: native memory, not freed,
 * not closed, and (for memory of an automatic arena) kept reachable meanwhile. Buffers inside a region given to {@link #registerBuffers} are read and written without being
 * pinned each time; nothing else changes for the caller. For a direct file, buffer address, offset and length are
 * multiples of {@link StorageFile#alignmentBytes()}.
 *
 * <p><b>Chains:</b> an operation queued with {@link #LINK} lets the next one start only when it succeeded in full; a short
 * read or an error breaks the chain and the rest completes with {@code ECANCELED}. {@link #HARD_LINK} goes on whatever the
 * result. A chain is queued whole before it is submitted: reserve room with {@link #room()}; {@link #submit()} throws while
 * the last operation queued has a link open. {@link #DRAIN} starts an operation only when all before it have completed.
 *
 * <p><b>No allocation</b> by the rings of a real host on any path but {@link #attach}, registration and failure.
 */
public interface Ring extends AutoCloseable {
    /** Flag: the next operation queued starts only after this one succeeded. */
    int LINK = 1;

    /** Flag: the next operation queued starts after this one, whatever became of it. */
    int HARD_LINK = 2;

    /** Flag: this operation starts only after all queued before it have completed. */
    int DRAIN = 4;

    /**
     * Flag of writes: the write completes when its data, and the metadata needed to read it, are durable (O_DSYNC for this
     * one write). Cheaper than a write linked with {@link #dataSync}, and says nothing about other writes. A failure means
     * what a failed sync means.
     */
    int DURABLE = 8;

    /** What {@link #descriptor} says of a ring that cannot signal completions. */
    int NO_DESCRIPTOR = -1;

    /** One line that names the back end and the features in use, for logs, doctor and benchmarks. */
    String describe();

    /** Most operations that may be in flight (queued, submitted, or completed but not yet polled). */
    int capacity();

    /** Operations accepted whose completion has not been delivered yet. */
    int inFlight();

    /** How many operations would be accepted now without a submit or poll between. */
    int room();

    /** Makes a file known to this ring, in a registered slot where the back end has them. Allocates. */
    RingFile attach(StorageFile file);

    /** Forgets a file. Throws {@link IllegalStateException} while operations on it are in flight. Does not close it. */
    void detach(RingFile file);

    /**
     * Registers regions whose buffers are used often; replaces what was registered before. Only with nothing in flight.
     * Returns false when the host refuses (memlock limit): all works on, without the gain.
     *
     * @param regions borrowed until the ring is closed or other regions are registered.
     */
    boolean registerBuffers(MemorySegment... regions);

    /**
     * Registers one more region, also while operations are in flight; to be taken away by {@link #removeBuffers}. Returns false when
     * the host refuses: all works on, without the gain. Allocates.
     *
     * @param region borrowed until it is removed, the ring is closed, or all are replaced.
     */
    boolean addBuffers(MemorySegment region);

    /** Takes away a region that was added; nothing happens when the host had refused it. Only when no operation uses it. */
    void removeBuffers(MemorySegment region);

    boolean nop(long token, int flags);

    boolean read(RingFile file, long fileOffset, MemorySegment buffer, long token, int flags);

    boolean write(RingFile file, long fileOffset, MemorySegment buffer, long token, int flags);

    /**
     * Reads into a part of a buffer: for parts that change, without an object for each.
     *
     * @throws IndexOutOfBoundsException when the part is not within the buffer.
     */
    default boolean read(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        return read(file, fileOffset, buffer.asSlice(bufferOffset, lengthBytes), token, flags);
    }

    /** Writes a part of a buffer: as {@link #read(RingFile, long, MemorySegment, long, long, long, int)}. */
    default boolean write(
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long bufferOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        return write(file, fileOffset, buffer.asSlice(bufferOffset, lengthBytes), token, flags);
    }

    /** Reads into {@code buffers[0..count)} in order. The array is borrowed for the length of the call only. */
    boolean readVectored(RingFile file, long fileOffset, MemorySegment[] buffers, int count, long token, int flags);

    /** Writes {@code buffers[0..count)} in order. The array is borrowed for the length of the call only. */
    boolean writeVectored(RingFile file, long fileOffset, MemorySegment[] buffers, int count, long token, int flags);

    /** Makes data and all metadata of the file durable (fsync). */
    boolean sync(RingFile file, long token, int flags);

    /** Makes data, and the metadata needed to read it, durable (fdatasync). */
    boolean dataSync(RingFile file, long token, int flags);

    /** Allocates space in the file and extends it to {@code fileOffset + lengthBytes} when it is shorter (fallocate). */
    boolean allocate(RingFile file, long fileOffset, long lengthBytes, long token, int flags);

    /** Completes with {@code -ETIME} after the duration, or {@code -ECANCELED} when cancelled. */
    boolean timeout(long durationNs, long token, int flags);

    /** Bounds the operation queued before it with {@link #LINK}: cancels that one when it is not done in time. */
    boolean linkTimeout(long durationNs, long token, int flags);

    /**
     * Cancels the operations that carry {@code targetToken} (one of them when several do). Completes with 0 when one was
     * cancelled, {@code -ENOENT} when none was found, {@code -EALREADY} when it can no longer be stopped. The target
     * completes by itself in each case. An operation that still waits for its chain or for a drain is not found.
     */
    boolean cancel(long targetToken, long token, int flags);

    /** Hands what is queued to the back end. Returns how many operations were handed over; the rest stays queued. */
    int submit();

    /**
     * Submits, and waits until at least {@code minCompletions} are there to be polled or the time is over.
     *
     * @param timeoutNs how long to wait at most; {@link Long#MAX_VALUE} for no bound.
     * @return how many completions are there to be polled, possibly fewer than asked for.
     */
    int submitAndWait(int minCompletions, long timeoutNs);

    /**
     * An eventfd(2) that becomes readable when completions come, so that a thread can wait for them and for other things at
     * once; {@link #NO_DESCRIPTOR} when there is none. Reading it makes it unreadable until the next one comes, so read it,
     * poll the ring, then wait. The ring closes it.
     */
    default int descriptor() {
        return NO_DESCRIPTOR;
    }

    /** Delivers up to {@code limit} completions and returns how many. Never waits. */
    int poll(CompletionHandler handler, int limit);

    /**
     * Cancels what is in flight, waits for it without delivering completions, and gives everything back. Buffers may be
     * freed afterwards. Idempotent.
     */
    @Override
    void close();
}
