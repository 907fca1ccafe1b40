package dev.firn.nativeio.ring;

import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The operations in flight of one ring, as parallel arrays with a free list: nothing is allocated for an operation. It is
 * also the {@link Completion} that handlers see, loaded from a slot as the slot is given back.
 */
public final class OperationTable implements Completion {
    /** Returned by {@link #take} when every slot is in use. */
    public static final int FULL = -1;

    /** Returned by {@link #slotOf} when no operation carries the token. */
    public static final int NONE = -1;

    private static final int SLOT_BITS = 16;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

    private final long[] tokens;
    private final long[] fileOffsets;
    private final long[] requestedBytes;
    private final OperationKind[] kinds;
    private final AttachedFile[] files;
    private final MemorySegment[] buffers;
    private final int[] generations;
    private final boolean[] taken;
    private final int[] free;
    private int freeCount;

    private long completionToken;
    private int completionResult;
    private OperationKind completionKind = OperationKind.NOP;
    private AttachedFile completionFile;
    private long completionFileOffset;
    private long completionRequestedBytes;

    public OperationTable(final int capacity) {
        tokens = new long[capacity];
        fileOffsets = new long[capacity];
        requestedBytes = new long[capacity];
        kinds = new OperationKind[capacity];
        files = new AttachedFile[capacity];
        buffers = new MemorySegment[capacity];
        generations = new int[capacity];
        taken = new boolean[capacity];
        free = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            free[i] = capacity - 1 - i;
        }
        freeCount = capacity;
    }

    public int capacity() {
        return free.length;
    }

    public int inFlight() {
        return free.length - freeCount;
    }

    public int room() {
        return freeCount;
    }

    /**
     * Takes a slot, or returns {@link #FULL}.
     *
     * @param file null for operations without one.
     * @param buffer kept reachable until the completion, null when there is none.
     */
    public int take(
            final OperationKind kind,
            final AttachedFile file,
            final long fileOffset,
            final long requested,
            final MemorySegment buffer,
            final long token) {
        if (freeCount == 0) {
            return FULL;
        }
        final int slot = free[--freeCount];
        taken[slot] = true;
        tokens[slot] = token;
        kinds[slot] = kind;
        fileOffsets[slot] = fileOffset;
        requestedBytes[slot] = requested;
        buffers[slot] = buffer;
        files[slot] = file;
        if (file != null) {
            file.inFlight++;
        }
        return slot;
    }

    /** Slot and generation in one number, so that a completion that does not belong to the slot's operation is noticed. */
    public long userData(final int slot) {
        return (long) generations[slot] << SLOT_BITS | slot;
    }

    /** The slot of a completion; throws when the number was never given out for what is in the slot now. */
    public int slotOfUserData(final long userData) {
        final int slot = (int) (userData & SLOT_MASK);
        if (slot >= free.length || !taken[slot] || userData(slot) != userData) {
            throw new IllegalStateException(
                    "the kernel completed an operation that is not in flight: 0x" + Long.toHexString(userData));
        }
        return slot;
    }

    /** Gives the slot back and makes this object the completion of its operation. */
    public void complete(final int slot, final int result) {
        completionToken = tokens[slot];
        completionResult = result;
        completionKind = kinds[slot];
        completionFile = files[slot];
        completionFileOffset = fileOffsets[slot];
        completionRequestedBytes = requestedBytes[slot];
        giveBack(slot);
    }

    private void giveBack(final int slot) {
        if (!taken[slot]) {
            throw new IllegalStateException("operation slot " + slot + " was completed twice");
        }
        final AttachedFile file = files[slot];
        if (file != null) {
            file.inFlight--;
            files[slot] = null;
        }
        buffers[slot] = null;
        taken[slot] = false;
        generations[slot]++;
        free[freeCount++] = slot;
    }

    /** A slot whose operation carries the token, or {@link #NONE}. Looks through the table: cancelling is rare. */
    public int slotOf(final long token) {
        for (int slot = 0; slot < taken.length; slot++) {
            if (taken[slot] && tokens[slot] == token && kinds[slot] != OperationKind.CANCEL) {
                return slot;
            }
        }
        return NONE;
    }

    /** Forgets everything: the ring is closed. */
    public void clear() {
        Arrays.fill(files, null);
        Arrays.fill(buffers, null);
        completionFile = null;
    }

    public OperationKind kindOf(final int slot) {
        return kinds[slot];
    }

    public AttachedFile fileOf(final int slot) {
        return files[slot];
    }

    public long fileOffsetOf(final int slot) {
        return fileOffsets[slot];
    }

    public long requestedBytesOf(final int slot) {
        return requestedBytes[slot];
    }

    public MemorySegment bufferOf(final int slot) {
        return buffers[slot];
    }

    @Override
    public long token() {
        return completionToken;
    }

    @Override
    public int result() {
        return completionResult;
    }

    @Override
    public OperationKind kind() {
        return completionKind;
    }

    @Override
    public RingFile file() {
        return completionFile;
    }

    @Override
    public long fileOffset() {
        return completionFileOffset;
    }

    @Override
    public long requestedBytes() {
        return completionRequestedBytes;
    }
}
