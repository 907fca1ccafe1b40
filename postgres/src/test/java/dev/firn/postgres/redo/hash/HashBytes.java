package dev.firn.postgres.redo.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Hash index pages and tuples for the tests, written without the code under test. */
final class HashBytes {
    static final int NO_BLOCK = -1;

    // hasho_flag.
    static final int OVERFLOW = 1;
    static final int BUCKET = 2;
    static final int BITMAP = 4;
    static final int META = 8;
    static final int BEING_POPULATED = 16;
    static final int BEING_SPLIT = 32;
    static final int NEEDS_CLEANUP = 64;
    static final int HAS_DEAD = 128;

    static final int SPECIAL = 8176;

    // The metapage, from the page's begin.
    static final int TUPLES = 32;
    static final int MAX_BUCKET = 48;
    static final int HIGH_MASK = 52;
    static final int LOW_MASK = 56;
    static final int SPLIT_POINT = 60;
    static final int FIRST_FREE = 64;
    static final int BITMAP_COUNT = 68;
    static final int SPARES = 76;
    static final int BITMAPS = SPARES + 98 * 4;

    private HashBytes() {}

    /** A tuple of 16 bytes: TID, info, hash, padding. */
    static byte[] tuple(final int hash) {
        return new RecordBytes().blockId(hash).u16s(1, 16).u32(hash).u32(0).array();
    }

    /** A page with these items in the order of their line pointers, the first one highest. */
    static MemorySegment page(
            final RedoFixture fixture,
            final int previous,
            final int next,
            final int bucket,
            final int flags,
            final byte[]... items) {
        final MemorySegment page = fixture.emptyPage(16);
        LittleEndian.putInt(page, SPECIAL, previous);
        LittleEndian.putInt(page, SPECIAL + 4, next);
        LittleEndian.putInt(page, SPECIAL + 8, bucket);
        LittleEndian.putShort(page, SPECIAL + 12, flags);
        LittleEndian.putShort(page, SPECIAL + 14, 0xFF80);
        int upper = SPECIAL;
        int lower = 24;
        for (final byte[] item : items) {
            upper -= item.length;
            MemorySegment.copy(item, 0, page, ValueLayout.JAVA_BYTE, upper, item.length);
            LittleEndian.putInt(page, lower, upper | 1 << 15 | item.length << 17);
            lower += 4;
        }
        LittleEndian.putShort(page, 12, lower);
        LittleEndian.putShort(page, 14, upper);
        return page;
    }

    /** A metapage for two buckets, as an empty index has it: HashMetaPageData. */
    static MemorySegment metaPage(final RedoFixture fixture) {
        final MemorySegment page = page(fixture, NO_BLOCK, NO_BLOCK, NO_BLOCK, META);
        final byte[] meta = new RecordBytes()
                .u32(0x6440640)
                .u32(4)
                .u64(0)
                .u16s(307, 8152, 4096, 15)
                .u32(1)
                .u32(3)
                .u32(1)
                .u32(1)
                .u32(0)
                .u32(0)
                .u32(449)
                .u32(0)
                .u32(1)
                .array();
        MemorySegment.copy(meta, 0, page, ValueLayout.JAVA_BYTE, 24, meta.length);
        LittleEndian.putShort(page, 12, 24 + 4544);
        return page;
    }

    /** A bitmap whose overflow pages are all taken. */
    static MemorySegment bitmap(final RedoFixture fixture) {
        final MemorySegment page = page(fixture, NO_BLOCK, NO_BLOCK, NO_BLOCK, BITMAP);
        page.asSlice(24, 4096).fill((byte) 0xFF);
        LittleEndian.putShort(page, 12, 24 + 4096);
        return page;
    }

    static double tuples(final MemorySegment metaPage) {
        return Double.longBitsToDouble(LittleEndian.getLong(metaPage, TUPLES));
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
        Arrays.fill(bytes, LittleEndian.getUnsignedShort(page, 12), LittleEndian.getUnsignedShort(page, 14), (byte) 0);
        Arrays.fill(bytes, 0, 8, (byte) 0);
        return bytes;
    }
}
