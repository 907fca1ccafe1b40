package dev.firn.nvmecache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What is known of each slot, off-heap: its durable entry, in the very bytes that the map holds, and its state in memory.
 *
 * <pre>
 *   entry, {@value #ENTRY_BYTES} bytes, little-endian           state, {@value #STATE_BYTES} bytes
 *   0   long  object id, upper half        0   int    next in its list
 *   8   long  object id, lower half        4   int    the one before in its list
 *   16  int   block number                 8   int    when it came into its queue
 *   20  int   length of the block          12  short  reads in flight
 *   24  byte  tenant, then 3 of zero       14  short  write buffer, while it is being written
 *   28  int   checksum of the entry        16  byte   phase
 *   32  16 ×  int  checksum of each unit   17  byte   flags
 *                                          18  byte   how often it was asked for, at most 3
 *                                          19  byte   the epoch it was last asked for in
 * </pre>
 *
 * <p>An entry's checksum also covers the file's own id and the slot's number, so that an entry of a file of before, or one
 * that strayed, is not taken for one. A block's units beyond its length are zeros on the device as in the checksum.
 */
final class SlotTable {
    static final int ENTRY_BYTES = 96;
    static final int STATE_BYTES = 20;
    static final int NONE = -1;

    /** Nobody's; may be written. */
    static final byte FREE = 0;

    /** Nobody's, but the durable map may still name it: not to be written before the map does not. */
    static final byte FREEING = 1;

    /** Its bytes are on their way to the device, and in a write buffer. */
    static final byte WRITING = 2;

    /** Its bytes are on the device, and may be lost with power. */
    static final byte WRITTEN = 3;

    /** Its bytes are durable: the map may name it. */
    static final byte DURABLE = 4;

    /** Failed too often; not used again. */
    static final byte RETIRED = 5;

    /** Flag: the durable map may name what this slot holds or held. */
    static final int MAPPED = 1;

    /** Flag: nobody finds it any more; it is given up as soon as nothing uses it. */
    static final int DOOMED = 2;

    /** Flag: in the main queue, not in the small one. */
    static final int MAIN = 4;

    /** Two bits: how often its bytes were not what they should be. */
    private static final int FAULT_SHIFT = 4;

    private static final int FAULT_MASK = 3 << FAULT_SHIFT;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-slots");
    private static final int CRC_OFFSET = 28;
    private static final int UNITS_OFFSET = 32;
    private static final int SEED_BYTES = 24;

    private final OffHeapMemory memory;
    private final int count;
    private final int unitBytes;
    private final int blockBytes;
    private final MemorySegment entries;
    private final MemorySegment states;
    private final MemorySegment seed;

    /**
     * @param fileId of the file whose entries these are.
     */
    SlotTable(
            final int count,
            final int unitBytes,
            final int blockBytes,
            final ObjectId fileId,
            final OffHeapMemory memory) {
        this.memory = memory;
        this.count = count;
        this.unitBytes = unitBytes;
        this.blockBytes = blockBytes;
        this.entries = memory.allocate(entriesBytes(count), TAG);
        this.states = memory.allocate((long) count * STATE_BYTES, TAG);
        this.seed = memory.allocate(SEED_BYTES, TAG);
        entries.fill((byte) 0);
        states.fill((byte) 0);
        seed.set(LONG, 0, fileId.high());
        seed.set(LONG, Long.BYTES, fileId.low());
    }

    private static long entriesBytes(final int count) {
        return (long) count * ENTRY_BYTES;
    }

    static long memoryBytes(final int count) {
        return entriesBytes(count) + (long) count * STATE_BYTES + SEED_BYTES;
    }

    int count() {
        return count;
    }

    int unitBytes() {
        return unitBytes;
    }

    // The entry.

    boolean holds(final int slot, final long objectHigh, final long objectLow, final int block) {
        final long at = entryAt(slot);
        return entries.get(LONG, at) == objectHigh
                && entries.get(LONG, at + 8) == objectLow
                && entries.get(INT, at + 16) == block;
    }

    /** Names what a slot will hold. Its units' checksums come before its {@link #seal}. */
    void describe(
            final int slot,
            final long objectHigh,
            final long objectLow,
            final int block,
            final int lengthBytes,
            final int tenant) {
        final long at = entryAt(slot);
        entries.set(LONG, at, objectHigh);
        entries.set(LONG, at + 8, objectLow);
        entries.set(INT, at + 16, block);
        entries.set(INT, at + 20, lengthBytes);
        entries.set(INT, at + 24, tenant);
        for (int unit = 0; unit < CacheConfig.MAX_UNITS; unit++) {
            entries.set(INT, at + UNITS_OFFSET + unit * 4L, 0);
        }
    }

    void setUnitCrc(final int slot, final int unit, final int crc) {
        entries.set(INT, entryAt(slot) + UNITS_OFFSET + unit * 4L, crc);
    }

    int unitCrc(final int slot, final int unit) {
        return entries.get(INT, entryAt(slot) + UNITS_OFFSET + unit * 4L);
    }

    void seal(final int slot) {
        entries.set(INT, entryAt(slot) + CRC_OFFSET, crcOf(slot, entries, entryAt(slot)));
    }

    long hashOf(final int slot) {
        final long at = entryAt(slot);
        return BlockKey.hash(entries.get(LONG, at), entries.get(LONG, at + 8), entries.get(INT, at + 16));
    }

    long objectHigh(final int slot) {
        return entries.get(LONG, entryAt(slot));
    }

    long objectLow(final int slot) {
        return entries.get(LONG, entryAt(slot) + 8);
    }

    int block(final int slot) {
        return entries.get(INT, entryAt(slot) + 16);
    }

    int lengthBytes(final int slot) {
        return entries.get(INT, entryAt(slot) + 20);
    }

    int tenant(final int slot) {
        return entries.get(JAVA_BYTE, entryAt(slot) + 24) & 0xFF;
    }

    int unitsOf(final int slot) {
        return (lengthBytes(slot) + unitBytes - 1) / unitBytes;
    }

    void copyEntry(final int slot, final MemorySegment page, final long pageOffset) {
        MemorySegment.copy(entries, entryAt(slot), page, pageOffset, ENTRY_BYTES);
    }

    /**
     * Takes an entry from the map.
     *
     * @return whether it is one: whole, of this file and this slot, and making sense.
     */
    boolean decode(final int slot, final MemorySegment page, final long pageOffset) {
        final int length = page.get(INT, pageOffset + 20);
        if (page.get(INT, pageOffset + CRC_OFFSET) != crcOf(slot, page, pageOffset)
                || length < 1
                || length > blockBytes
                || page.get(INT, pageOffset + 16) < 0
                || (page.get(INT, pageOffset + 24) & ~0xFF) != 0) {
            return false;
        }
        MemorySegment.copy(page, pageOffset, entries, entryAt(slot), ENTRY_BYTES);
        return true;
    }

    /** Whether a place in the map names nothing, and was never torn. */
    static boolean isEmpty(final MemorySegment page, final long pageOffset) {
        long any = 0;
        for (int i = 0; i < ENTRY_BYTES; i += Long.BYTES) {
            any |= page.get(LONG, pageOffset + i);
        }
        return any == 0;
    }

    private int crcOf(final int slot, final MemorySegment bytes, final long at) {
        seed.set(LONG, 16, slot);
        int crc = Crc32c.compute(seed, 0, SEED_BYTES);
        crc = Crc32c.update(crc, bytes, at, CRC_OFFSET);
        return Crc32c.update(crc, bytes, at + UNITS_OFFSET, ENTRY_BYTES - UNITS_OFFSET);
    }

    // The state.

    int next(final int slot) {
        return states.get(JAVA_INT, stateAt(slot));
    }

    void next(final int slot, final int value) {
        states.set(JAVA_INT, stateAt(slot), value);
    }

    int previous(final int slot) {
        return states.get(JAVA_INT, stateAt(slot) + 4);
    }

    void previous(final int slot, final int value) {
        states.set(JAVA_INT, stateAt(slot) + 4, value);
    }

    int sequence(final int slot) {
        return states.get(JAVA_INT, stateAt(slot) + 8);
    }

    void sequence(final int slot, final int value) {
        states.set(JAVA_INT, stateAt(slot) + 8, value);
    }

    int readers(final int slot) {
        return states.get(JAVA_SHORT, stateAt(slot) + 12);
    }

    void addReaders(final int slot, final int delta) {
        states.set(JAVA_SHORT, stateAt(slot) + 12, (short) (readers(slot) + delta));
    }

    int buffer(final int slot) {
        return states.get(JAVA_SHORT, stateAt(slot) + 14);
    }

    void buffer(final int slot, final int value) {
        states.set(JAVA_SHORT, stateAt(slot) + 14, (short) value);
    }

    byte phase(final int slot) {
        return states.get(JAVA_BYTE, stateAt(slot) + 16);
    }

    void phase(final int slot, final byte value) {
        states.set(JAVA_BYTE, stateAt(slot) + 16, value);
    }

    boolean is(final int slot, final int flag) {
        return (states.get(JAVA_BYTE, stateAt(slot) + 17) & flag) != 0;
    }

    void set(final int slot, final int flag, final boolean on) {
        final int flags = states.get(JAVA_BYTE, stateAt(slot) + 17);
        states.set(JAVA_BYTE, stateAt(slot) + 17, (byte) (on ? (flags | flag) : (flags & ~flag)));
    }

    /** One more time that its bytes were not what they should be; returns how often now, counted up to 3. */
    int addFault(final int slot) {
        final int flags = states.get(JAVA_BYTE, stateAt(slot) + 17);
        final int faults = Math.min(3, ((flags & FAULT_MASK) >> FAULT_SHIFT) + 1);
        states.set(JAVA_BYTE, stateAt(slot) + 17, (byte) ((flags & ~FAULT_MASK) | (faults << FAULT_SHIFT)));
        return faults;
    }

    int faults(final int slot) {
        return (states.get(JAVA_BYTE, stateAt(slot) + 17) & FAULT_MASK) >> FAULT_SHIFT;
    }

    int frequency(final int slot) {
        return states.get(JAVA_BYTE, stateAt(slot) + 18);
    }

    void frequency(final int slot, final int value) {
        states.set(JAVA_BYTE, stateAt(slot) + 18, (byte) value);
    }

    byte epoch(final int slot) {
        return states.get(JAVA_BYTE, stateAt(slot) + 19);
    }

    void epoch(final int slot, final byte value) {
        states.set(JAVA_BYTE, stateAt(slot) + 19, value);
    }

    private static long entryAt(final int slot) {
        return (long) slot * ENTRY_BYTES;
    }

    private static long stateAt(final int slot) {
        return (long) slot * STATE_BYTES;
    }

    void free() {
        memory.free(entries);
        memory.free(states);
        memory.free(seed);
    }
}
