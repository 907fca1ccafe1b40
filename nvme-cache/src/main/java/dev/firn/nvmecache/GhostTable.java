package dev.firn.nvmecache;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;

/**
 * Remembers the blocks that were thrown out without having been asked for again: who comes back soon goes to the main queue.
 *
 * <p>Buckets of one cache line with eight entries: fingerprint (upper half) and when it was thrown out, counted in such
 * events (lower half). An entry ends after as many events as the table remembers; in a full bucket the oldest goes. A wrong
 * fingerprint costs a wrong guess, nothing else. About {@value #ENTRY_BYTES} bytes for each 0.8 remembered.
 */
final class GhostTable {
    static final int ENTRY_BYTES = 8;
    private static final int BUCKET_ENTRIES = 8;
    private static final int BUCKET_BYTES = BUCKET_ENTRIES * ENTRY_BYTES;
    private static final int MAX_LOAD_PERCENT = 80;
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-ghosts");

    private final OffHeapMemory memory;
    private final MemorySegment buckets;
    private final long bucketCount;
    private final int remembered;

    /** 0 marks an empty entry, so the count skips it. */
    private int now = 1;

    GhostTable(final int remembered, final OffHeapMemory memory) {
        this.memory = memory;
        this.remembered = remembered;
        this.bucketCount = bucketsFor(remembered);
        this.buckets = memory.allocate(memoryBytes(remembered), TAG);
        buckets.fill((byte) 0);
    }

    static long memoryBytes(final int remembered) {
        return bucketsFor(remembered) * BUCKET_BYTES;
    }

    private static long bucketsFor(final int remembered) {
        return remembered * 100L / (BUCKET_ENTRIES * MAX_LOAD_PERCENT) + 1;
    }

    void add(final long hash) {
        final long bucketAt = BlockKey.bucket(hash, bucketCount) * BUCKET_BYTES;
        long chosen = bucketAt;
        int greatestAge = -1;
        for (long at = bucketAt; at < bucketAt + BUCKET_BYTES; at += ENTRY_BYTES) {
            final long entry = buckets.get(JAVA_LONG, at);
            if (entry == 0 || (int) (entry >>> Integer.SIZE) == BlockKey.fingerprint(hash)) {
                chosen = at;
                break;
            }
            final int age = (now - (int) entry) & Integer.MAX_VALUE;
            if (age > greatestAge) {
                greatestAge = age;
                chosen = at;
            }
        }
        buckets.set(JAVA_LONG, chosen, ((long) BlockKey.fingerprint(hash) << Integer.SIZE) | (now & 0xFFFF_FFFFL));
        now = now == -1 ? 1 : now + 1;
    }

    /** Whether it was thrown out lately; forgets it. */
    boolean remove(final long hash) {
        final long bucketAt = BlockKey.bucket(hash, bucketCount) * BUCKET_BYTES;
        for (long at = bucketAt; at < bucketAt + BUCKET_BYTES; at += ENTRY_BYTES) {
            final long entry = buckets.get(JAVA_LONG, at);
            if (entry != 0 && (int) (entry >>> Integer.SIZE) == BlockKey.fingerprint(hash)) {
                buckets.set(JAVA_LONG, at, 0);
                return Integer.toUnsignedLong(now - (int) entry) <= remembered;
            }
        }
        return false;
    }

    void free() {
        memory.free(buckets);
    }
}
