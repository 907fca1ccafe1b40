package dev.firn.postgres.redo.btree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Btree pages and tuples for the tests, written without the code under test. All TIDs are of heap block {@link #HEAP_BLOCK}. */
final class BtreeBytes {
    static final int HEAP_BLOCK = 0x0001_0002;

    // btpo_flags.
    static final int LEAF = 1;
    static final int ROOT = 2;
    static final int DELETED = 4;
    static final int META = 8;
    static final int HALF_DEAD = 16;
    static final int SPLIT_END = 32;
    static final int HAS_GARBAGE = 64;
    static final int INCOMPLETE_SPLIT = 128;
    static final int FULL_XID = 256;

    static final int SPECIAL = 8176;

    private BtreeBytes() {}

    /** A leaf tuple of 16 bytes with one TID. */
    static byte[] plain(final int key, final int offsetNumber) {
        return new RecordBytes()
                .blockId(HEAP_BLOCK)
                .u16s(offsetNumber, 16)
                .u64(key)
                .array();
    }

    /** A leaf tuple with a posting list: 16 bytes, then the TIDs, padded with zeroes. */
    static byte[] posting(final int key, final int... offsetNumbers) {
        final RecordBytes list = new RecordBytes();
        for (final int offsetNumber : offsetNumbers) {
            list.blockId(HEAP_BLOCK).u16(offsetNumber);
        }
        list.align(8);
        return new RecordBytes()
                .blockId(16)
                .u16s(offsetNumbers.length | 0x2000, 16 + list.length() | 0x2000)
                .u64(key)
                .raw(list.array())
                .array();
    }

    /** A tuple above the leaves, of 16 bytes. */
    static byte[] pivot(final int key, final int downlink) {
        return new RecordBytes().blockId(downlink).u16s(1, 16 | 0x2000).u64(key).array();
    }

    /** A high key without attributes, whose downlink is the top of a subtree that goes. */
    static byte[] topParent(final int block) {
        return new RecordBytes().blockId(block).u16s(0, 8 | 0x2000).array();
    }

    /** A page with these items in the order of their line pointers, the first one highest. */
    static MemorySegment page(
            final RedoFixture fixture,
            final int previous,
            final int next,
            final int level,
            final int flags,
            final byte[]... items) {
        final MemorySegment page = fixture.emptyPage(16);
        LittleEndian.putInt(page, SPECIAL, previous);
        LittleEndian.putInt(page, SPECIAL + 4, next);
        LittleEndian.putInt(page, SPECIAL + 8, level);
        LittleEndian.putShort(page, SPECIAL + 12, flags);
        int upper = SPECIAL;
        int lower = 24;
        for (final byte[] item : items) {
            upper -= item.length + 7 & -8;
            MemorySegment.copy(item, 0, page, ValueLayout.JAVA_BYTE, upper, item.length);
            LittleEndian.putInt(page, lower, upper | 1 << 15 | item.length << 17);
            lower += 4;
        }
        LittleEndian.putShort(page, 12, lower);
        LittleEndian.putShort(page, 14, upper);
        return page;
    }

    /** btpo_cycleid. */
    static MemorySegment withCycle(final MemorySegment page, final int cycle) {
        LittleEndian.putShort(page, SPECIAL + 14, cycle);
        return page;
    }

    /** What the record calls the metapage: xl_btree_metadata. */
    static RecordBytes metadata() {
        return new RecordBytes()
                .u32(4)
                .u32(7)
                .u32(2)
                .u32(9)
                .u32(1)
                .u32(77)
                .u8(1)
                .fill(3, 0);
    }

    /** The page that {@link #metadata} makes: BTMetaPageData. */
    static MemorySegment metaPage(final RedoFixture fixture) {
        final MemorySegment page = page(fixture, 0, 0, 0, META);
        final byte[] meta = new RecordBytes()
                .u32(0x053162)
                .u32(4)
                .u32(7)
                .u32(2)
                .u32(9)
                .u32(1)
                .u32(77)
                .u32(0)
                .u64(Double.doubleToRawLongBits(-1.0))
                .u8(1)
                .array();
        MemorySegment.copy(meta, 0, page, ValueLayout.JAVA_BYTE, 24, meta.length);
        LittleEndian.putShort(page, 12, 72);
        return page;
    }

    /** Asks that a page is, in every byte but its LSN, another one. */
    static void assertSame(final MemorySegment page, final MemorySegment expected) {
        assertThat(page.asSlice(8).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(expected.asSlice(8).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Like {@link #assertSame}, but for the hole. */
    static void assertSameItems(final MemorySegment page, final MemorySegment expected) {
        assertThat(withoutHole(page)).isEqualTo(withoutHole(expected));
    }

    private static byte[] withoutHole(final MemorySegment page) {
        final byte[] bytes = page.toArray(ValueLayout.JAVA_BYTE);
        final int lower = LittleEndian.getUnsignedShort(page, 12);
        final int upper = LittleEndian.getUnsignedShort(page, 14);
        Arrays.fill(bytes, lower, upper, (byte) 0);
        Arrays.fill(bytes, 0, 8, (byte) 0);
        return bytes;
    }
}
