package dev.firn.nvmecache;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;

/**
 * Which slot holds a block: open addressing over buckets of one cache line.
 *
 * <pre>
 *   0   long  how many entries whose home is here or before had to go past this bucket
 *   8   7 ×   long  fingerprint (upper half), slot + 1 (lower half); 0 is empty
 * </pre>
 *
 * <p>A lookup reads the home bucket, and the next ones only while the count says that something went past: 1.0 to 1.1 lines at
 * {@value #MAX_LOAD_PERCENT} % load. A fingerprint that agrees is confirmed by the identity in the {@link SlotTable}: one more
 * line, and of two blocks with the same 32 bits in one bucket the right one is found. Removal leaves no tombstones: it takes back what
 * the insertion counted. Nothing is ever moved or grown: there are never more entries than slots.
 *
 * <p>{@value #BUCKET_BYTES} bytes for {@value #ENTRIES} entries at that load: 11.4 bytes a slot.
 */
final class BlockIndex {
    static final int BUCKET_BYTES = 64;
    static final int ENTRIES = 7;
    static final int MAX_LOAD_PERCENT = 80;
    static final int ABSENT = -1;
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-index");
    private static final long SLOT_MASK = 0xFFFF_FFFFL;

    private final OffHeapMemory memory;
    private final MemorySegment buckets;
    private final long bucketCount;
    private final SlotTable slots;

    BlockIndex(final SlotTable slots, final OffHeapMemory memory) {
        this.memory = memory;
        this.slots = slots;
        this.bucketCount = bucketsFor(slots.count());
        this.buckets = memory.allocate(memoryBytes(slots.count()), TAG);
        buckets.fill((byte) 0);
    }

    static long memoryBytes(final int slotCount) {
        return bucketsFor(slotCount) * BUCKET_BYTES;
    }

    private static long bucketsFor(final int slotCount) {
        return slotCount * 100L / (ENTRIES * MAX_LOAD_PERCENT) + 1;
    }

    /** The slot of a block, or {@link #ABSENT}. */
    int find(final long hash, final long objectHigh, final long objectLow, final int block) {
        final long fingerprint = (long) BlockKey.fingerprint(hash) << Integer.SIZE;
        long bucket = BlockKey.bucket(hash, bucketCount);
        while (true) {
            final long at = bucket * BUCKET_BYTES;
            for (long entryAt = at + Long.BYTES; entryAt < at + BUCKET_BYTES; entryAt += Long.BYTES) {
                final long entry = buckets.get(JAVA_LONG, entryAt);
                if ((entry & ~SLOT_MASK) == fingerprint && (entry & SLOT_MASK) != 0) {
                    final int slot = (int) (entry & SLOT_MASK) - 1;
                    if (slots.holds(slot, objectHigh, objectLow, block)) {
                        return slot;
                    }
                }
            }
            if (buckets.get(JAVA_LONG, at) == 0) {
                return ABSENT;
            }
            bucket = after(bucket);
        }
    }

    /**
     * The first slot whose fingerprint agrees, or {@link #ABSENT}: one cache line. Of 600 million absent blocks one seems to be there;
     * whoever goes on looks at the slot's identity, as {@link #find} does.
     */
    int candidate(final long hash) {
        final long fingerprint = (long) BlockKey.fingerprint(hash) << Integer.SIZE;
        long bucket = BlockKey.bucket(hash, bucketCount);
        while (true) {
            final long at = bucket * BUCKET_BYTES;
            for (long entryAt = at + Long.BYTES; entryAt < at + BUCKET_BYTES; entryAt += Long.BYTES) {
                final long entry = buckets.get(JAVA_LONG, entryAt);
                if ((entry & ~SLOT_MASK) == fingerprint && (entry & SLOT_MASK) != 0) {
                    return (int) (entry & SLOT_MASK) - 1;
                }
            }
            if (buckets.get(JAVA_LONG, at) == 0) {
                return ABSENT;
            }
            bucket = after(bucket);
        }
    }

    /** Adds a block that is not there. There is room, because slots are fewer than entries. */
    void add(final long hash, final int slot) {
        final long entry = ((long) BlockKey.fingerprint(hash) << Integer.SIZE) | (slot + 1L);
        long bucket = BlockKey.bucket(hash, bucketCount);
        while (true) {
            final long at = bucket * BUCKET_BYTES;
            for (long entryAt = at + Long.BYTES; entryAt < at + BUCKET_BYTES; entryAt += Long.BYTES) {
                if (buckets.get(JAVA_LONG, entryAt) == 0) {
                    buckets.set(JAVA_LONG, entryAt, entry);
                    return;
                }
            }
            buckets.set(JAVA_LONG, at, buckets.get(JAVA_LONG, at) + 1);
            bucket = after(bucket);
        }
    }

    /** Removes what {@link #add} added with these. */
    void remove(final long hash, final int slot) {
        final long entry = ((long) BlockKey.fingerprint(hash) << Integer.SIZE) | (slot + 1L);
        long bucket = BlockKey.bucket(hash, bucketCount);
        for (long passed = 0; passed < bucketCount; passed++) {
            final long at = bucket * BUCKET_BYTES;
            for (long entryAt = at + Long.BYTES; entryAt < at + BUCKET_BYTES; entryAt += Long.BYTES) {
                if (buckets.get(JAVA_LONG, entryAt) == entry) {
                    buckets.set(JAVA_LONG, entryAt, 0);
                    return;
                }
            }
            buckets.set(JAVA_LONG, at, buckets.get(JAVA_LONG, at) - 1);
            bucket = after(bucket);
        }
        throw new IllegalStateException("slot " + slot + " is not in the index");
    }

    private long after(final long bucket) {
        return bucket + 1 == bucketCount ? 0 : bucket + 1;
    }

    void free() {
        memory.free(buckets);
    }
}
