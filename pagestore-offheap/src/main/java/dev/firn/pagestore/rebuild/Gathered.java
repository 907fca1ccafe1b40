package dev.firn.pagestore.rebuild;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The entries of one key that a page is made of: newest first as a read finds them, or oldest first as a scan comes upon them. Those of memory tables
 * may stay where they are, as a read pins their table; those of layers are copied here, as their blocks are not kept.
 *
 * <p>Used again and again by one read at a time; keeps its first chunk of memory, so that a usual read allocates nothing.
 */
public final class Gathered implements AutoCloseable {
    /** Most entries that one read gathers: beyond any bound on deltas, and what a damaged layer can't exceed. */
    static final int MAX_ENTRIES = 1 << 20;

    private static final MemoryTag TAG = MemoryTag.of("page-reads");
    private static final int FIRST_ENTRIES = 64;
    private static final int FIRST_CHUNKS = 8;
    private static final int CHUNK_BYTES = 64 << 10;

    private final OffHeapMemory memory;
    private long[] lsns = new long[FIRST_ENTRIES];
    private long[] recordLsns = new long[FIRST_ENTRIES];
    private int[] kindBytes = new int[FIRST_ENTRIES];
    private int[] touches = new int[FIRST_ENTRIES];
    private MemorySegment[] segments = new MemorySegment[FIRST_ENTRIES];
    private long[] offsets = new long[FIRST_ENTRIES];
    private int[] lengths = new int[FIRST_ENTRIES];
    private int count;

    private MemorySegment[] chunks = new MemorySegment[FIRST_CHUNKS];
    private int chunkCount;
    private long chunkUsed;

    public Gathered(final OffHeapMemory memory) {
        this.memory = memory;
    }

    /** Forgets all entries, and gives back all memory but the first chunk. */
    public void clear() {
        Arrays.fill(segments, 0, count, null);
        count = 0;
        chunkUsed = 0;
        while (chunkCount > 1) {
            memory.free(chunks[--chunkCount]);
            chunks[chunkCount] = null;
        }
        if (chunkCount == 1 && chunks[0].byteSize() > CHUNK_BYTES) {
            close();
        }
    }

    @Override
    public void close() {
        while (chunkCount > 0) {
            memory.free(chunks[--chunkCount]);
            chunks[chunkCount] = null;
        }
    }

    /** Adds an entry whose payload stays where it is. */
    public void add(
            final long lsn,
            final long recordLsn,
            final int kindByte,
            final int touch,
            final MemorySegment segment,
            final long offset,
            final int length) {
        if (count == lsns.length) {
            grow();
        }
        lsns[count] = lsn;
        recordLsns[count] = recordLsn;
        kindBytes[count] = kindByte;
        touches[count] = touch;
        segments[count] = segment;
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }

    /** Adds an entry and copies its payload; false when there is no memory for it now. */
    public boolean addCopy(
            final long lsn,
            final long recordLsn,
            final int kindByte,
            final int touch,
            final MemorySegment segment,
            final long offset,
            final int length) {
        if (chunkCount == 0 || chunks[chunkCount - 1].byteSize() - chunkUsed < length) {
            if (!addChunk(length)) {
                return false;
            }
        }
        final MemorySegment chunk = chunks[chunkCount - 1];
        MemorySegment.copy(segment, offset, chunk, chunkUsed, length);
        add(lsn, recordLsn, kindByte, touch, chunk, chunkUsed, length);
        chunkUsed = chunkUsed + length + Long.BYTES - 1 & -Long.BYTES;
        return true;
    }

    private boolean addChunk(final int atLeast) {
        final MemorySegment fresh = memory.tryAllocate(Math.max(CHUNK_BYTES, atLeast), TAG);
        if (fresh == null) {
            return false;
        }
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunkCount * 2);
        }
        chunks[chunkCount++] = fresh;
        chunkUsed = 0;
        return true;
    }

    private void grow() {
        if (count == MAX_ENTRIES) {
            throw new DamagedStoreException("a page has more than " + MAX_ENTRIES + " changes since its last image");
        }
        final int length = count * 2;
        lsns = Arrays.copyOf(lsns, length);
        recordLsns = Arrays.copyOf(recordLsns, length);
        kindBytes = Arrays.copyOf(kindBytes, length);
        touches = Arrays.copyOf(touches, length);
        segments = Arrays.copyOf(segments, length);
        offsets = Arrays.copyOf(offsets, length);
        lengths = Arrays.copyOf(lengths, length);
    }

    /** How many, in the order in which they were added. */
    public int count() {
        return count;
    }

    public long lsn(final int index) {
        return lsns[index];
    }

    public long recordLsn(final int index) {
        return recordLsns[index];
    }

    public int kindByte(final int index) {
        return kindBytes[index];
    }

    public int touch(final int index) {
        return touches[index];
    }

    public MemorySegment segment(final int index) {
        return segments[index];
    }

    public long offset(final int index) {
        return offsets[index];
    }

    public int length(final int index) {
        return lengths[index];
    }
}
