package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.FAR_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.FLAG_PAGES;
import static dev.firn.pagestore.layer.LayerFormat.FLAG_WIDE;
import static dev.firn.pagestore.layer.LayerFormat.FORM_DENSE;
import static dev.firn.pagestore.layer.LayerFormat.FORM_FAR;
import static dev.firn.pagestore.layer.LayerFormat.FORM_NEAR;
import static dev.firn.pagestore.layer.LayerFormat.GROUP_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.GROUP_SHIFT;
import static dev.firn.pagestore.layer.LayerFormat.MAX_GROUP_BLOCKS;
import static dev.firn.pagestore.layer.LayerFormat.NEAR_BYTES;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * Where a layer's blocks are and what they begin with, as it stands at the layer's end: pinned in off-heap memory. Immutable, so that any number
 * of threads may ask it; whoever opened it closes it when nobody asks any more. Nothing here allocates once it is open.
 *
 * <p>Blocks have numbers that ascend with their keys, but not without gaps (a group's number and a place in the group): {@link #first()}, {@link
 * #after} and {@link #before} lead from one to the next.
 */
public final class LayerIndex implements AutoCloseable {
    /** No block. */
    public static final int NONE = -1;

    private static final int SLOT_MASK = MAX_GROUP_BLOCKS - 1;

    /** Before all LSNs. */
    private static final long BEFORE_ALL = -1;

    private final LayerDescription description;
    private final int identity;
    private final int groups;
    private final MemorySegment tail;
    private final OffHeapMemory memory;

    private LayerIndex(
            final LayerDescription description,
            final int identity,
            final int groups,
            final MemorySegment tail,
            final OffHeapMemory memory) {
        this.description = description;
        this.identity = identity;
        this.groups = groups;
        this.tail = tail;
        this.memory = memory;
    }

    /**
     * Lays an index over a layer's last bytes, from {@link LayerDescription#indexOffset()} to its end. Checks all of them, and every number in
     * them.
     *
     * @param tail an allocation of {@code memory}, of {@link LayerDescription#tailBytes()}: owned by the index from here on, and freed when
     *     this throws.
     * @throws MalformedLayerException when it is not what the description says.
     */
    public static LayerIndex open(
            final String timeline,
            final LayerDescription description,
            final MemorySegment tail,
            final OffHeapMemory memory) {
        try {
            final int identity = LayerFormat.identity(timeline, description.name());
            final int groups = new IndexCheck(description, identity, tail).groups();
            return new LayerIndex(description, identity, groups, tail, memory);
        } catch (final MalformedLayerException e) {
            memory.free(tail);
            throw e;
        }
    }

    public LayerDescription description() {
        return description;
    }

    int identity() {
        return identity;
    }

    /**
     * The block to begin with for the newest entry of a key that is not above an LSN, or {@link #NONE} when the layer has surely none (the filter
     * is asked). The block may turn out not to have it, once in many times.
     */
    public int firstBlock(final long high, final long middle, final long low, final long lsnUpTo) {
        final int group = group(high, middle, low, lsnUpTo);
        if (group < 0) {
            return NONE;
        }
        final long row = row(group);
        if ((flags(row) & FLAG_PAGES) != 0) {
            return page(group, row, high, middle, low, lsnUpTo);
        }
        return mayContain(row, high, middle, low) ? number(group, slot(row, high, middle, low, lsnUpTo)) : NONE;
    }

    /** The block in which older entries of this key go on after all of this block were seen, or {@link #NONE}. */
    public int olderBlock(final int block, final long high, final long middle, final long low) {
        final long row = row(block >>> GROUP_SHIFT);
        final int slot = block & SLOT_MASK;
        final boolean continued = ((LittleEndian.getLong(tail, row + LayerFormat.GROUP_CONTINUED) >>> slot) & 1) != 0;
        return continued && low == low(row, slot) && middle == middle(row) && high == high(row) ? before(block) : NONE;
    }

    /** Where to begin in order to see all entries of keys at or above this one; the block may begin with smaller keys, or have no other. */
    public int seek(final long high, final long middle, final long low) {
        final int group = group(high, middle, low, BEFORE_ALL);
        return group < 0 ? first() : number(group, slot(row(group), high, middle, low, BEFORE_ALL));
    }

    /** The last block with entries of keys at or below this one; the first when there is none. */
    int lastUpTo(final long high, final long middle, final long low) {
        final int group = group(high, middle, low, Long.MAX_VALUE);
        return group < 0 ? first() : number(group, slot(row(group), high, middle, low, Long.MAX_VALUE));
    }

    public int first() {
        return 0;
    }

    /** The next block, or {@link #NONE}. */
    public int after(final int block) {
        final int group = block >>> GROUP_SHIFT;
        if ((block & SLOT_MASK) + 1 < blocks(row(group))) {
            return block + 1;
        }
        return group + 1 < groups ? number(group + 1, 0) : NONE;
    }

    /** The block before this one, or {@link #NONE}. */
    public int before(final int block) {
        if ((block & SLOT_MASK) != 0) {
            return block - 1;
        }
        final int group = (block >>> GROUP_SHIFT) - 1;
        return group >= 0 ? number(group, blocks(row(group)) - 1) : NONE;
    }

    /** Where in the object the block is. */
    public long blockOffset(final int block) {
        final long row = row(block >>> GROUP_SHIFT);
        long offset = LittleEndian.getLong(tail, row + LayerFormat.GROUP_OFFSET);
        final int slot = block & SLOT_MASK;
        final long lengths = lengths(row);
        if ((flags(row) & FLAG_WIDE) != 0) {
            for (int i = 0; i < slot; i++) {
                offset += LittleEndian.getUnsignedInt(tail, lengths + (long) Integer.BYTES * i);
            }
        } else {
            for (int i = 0; i < slot; i++) {
                offset += LittleEndian.getUnsignedShort(tail, lengths + (long) Short.BYTES * i);
            }
        }
        return offset;
    }

    /** How long it is there. */
    public int blockBytes(final int block) {
        final long row = row(block >>> GROUP_SHIFT);
        return length(row, block & SLOT_MASK);
    }

    /** Whether the block is one page and nothing else: its content is the page's 8,192 bytes. */
    public boolean isPage(final int block) {
        return (flags(row(block >>> GROUP_SHIFT)) & FLAG_PAGES) != 0;
    }

    /** Off-heap memory that it holds. */
    public long memoryBytes() {
        return OffHeapMemory.slotBytes(tail.byteSize());
    }

    /** Of the block's first entry, as the key. */
    long blockHigh(final int block) {
        return high(row(block >>> GROUP_SHIFT));
    }

    long blockMiddle(final int block) {
        return middle(row(block >>> GROUP_SHIFT));
    }

    long blockLow(final int block) {
        return low(row(block >>> GROUP_SHIFT), block & SLOT_MASK);
    }

    /** Of the block's first entry. */
    long blockLsn(final int block) {
        return lsn(row(block >>> GROUP_SHIFT), block & SLOT_MASK);
    }

    @Override
    public void close() {
        memory.free(tail);
    }

    /** The last group that begins at or before an entry, or -1. */
    private int group(final long high, final long middle, final long low, final long lsn) {
        int least = 0;
        int most = groups - 1;
        while (least <= most) {
            final int between = (least + most) >>> 1;
            final long row = row(between);
            int order = PageKeys.compare(
                    high(row), middle(row), LittleEndian.getLong(tail, row + LayerFormat.GROUP_LOW), high, middle, low);
            if (order == 0) {
                order = Long.compare(LittleEndian.getLong(tail, row + LayerFormat.GROUP_LSN), lsn);
            }
            if (order <= 0) {
                least = between + 1;
            } else {
                most = between - 1;
            }
        }
        return most;
    }

    /** The last place in a group whose block begins at or before an entry; the group does. */
    private int slot(final long row, final long high, final long middle, final long low, final long lsn) {
        int least = 1;
        int most = blocks(row) - 1;
        if (high != high(row) || middle != middle(row)) {
            return most;
        }
        while (least <= most) {
            final int between = (least + most) >>> 1;
            int order = Long.compareUnsigned(low(row, between), low);
            if (order == 0) {
                order = Long.compare(lsn(row, between), lsn);
            }
            if (order <= 0) {
                least = between + 1;
            } else {
                most = between - 1;
            }
        }
        return most;
    }

    /** In a group of pages the index knows each key. */
    private int page(
            final int group, final long row, final long high, final long middle, final long low, final long lsnUpTo) {
        if (high != high(row) || middle != middle(row)) {
            return NONE;
        }
        final int slot = slot(row, high, middle, low, lsnUpTo);
        return low(row, slot) == low && lsn(row, slot) <= lsnUpTo ? number(group, slot) : NONE;
    }

    private boolean mayContain(final long row, final long high, final long middle, final long low) {
        final int filterBytes = LittleEndian.getInt(tail, row + LayerFormat.GROUP_FILTER_BYTES);
        return KeyFilter.mayContain(tail, filter(row), filterBytes, PageKeys.hash(high, middle, low));
    }

    private long row(final int group) {
        return (long) group * GROUP_BYTES;
    }

    private static int number(final int group, final int slot) {
        return group << GROUP_SHIFT | slot;
    }

    private long high(final long row) {
        return LittleEndian.getLong(tail, row + LayerFormat.GROUP_HIGH);
    }

    private long middle(final long row) {
        return LittleEndian.getLong(tail, row + LayerFormat.GROUP_MIDDLE);
    }

    private int blocks(final long row) {
        return LittleEndian.getUnsignedShort(tail, row + LayerFormat.GROUP_BLOCKS);
    }

    private int form(final long row) {
        return LittleEndian.getUnsignedByte(tail, row + LayerFormat.GROUP_FORM);
    }

    private int flags(final long row) {
        return LittleEndian.getUnsignedByte(tail, row + LayerFormat.GROUP_FLAGS);
    }

    private long body(final long row) {
        return LittleEndian.getUnsignedInt(tail, row + LayerFormat.GROUP_BODY);
    }

    private long low(final long row, final int slot) {
        final long first = LittleEndian.getLong(tail, row + LayerFormat.GROUP_LOW);
        return switch (form(row)) {
            case FORM_DENSE -> first + slot;
            case FORM_NEAR -> first + LittleEndian.getUnsignedInt(tail, body(row) + (long) NEAR_BYTES * slot);
            default -> LittleEndian.getLong(tail, body(row) + (long) FAR_BYTES * slot);
        };
    }

    private long lsn(final long row, final int slot) {
        return form(row) == FORM_FAR
                ? LittleEndian.getLong(tail, body(row) + (long) FAR_BYTES * slot + Long.BYTES)
                : LittleEndian.getLong(tail, row + LayerFormat.GROUP_LSN);
    }

    private long lengths(final long row) {
        return body(row) + LayerFormat.keyBytes(form(row)) * (long) blocks(row);
    }

    private int length(final long row, final int slot) {
        final long lengths = lengths(row);
        return (flags(row) & FLAG_WIDE) != 0
                ? LittleEndian.getInt(tail, lengths + (long) Integer.BYTES * slot)
                : LittleEndian.getUnsignedShort(tail, lengths + (long) Short.BYTES * slot);
    }

    private long filter(final long row) {
        return lengths(row) + (long) blocks(row) * LayerFormat.lengthBytes(flags(row));
    }
}
