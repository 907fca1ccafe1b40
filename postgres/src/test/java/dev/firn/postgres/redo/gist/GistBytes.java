package dev.firn.postgres.redo.gist;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** GiST pages and tuples for the tests, written without the code under test. */
final class GistBytes {
    private GistBytes() {}

    /** An index tuple of so many bytes whose payload is one value. */
    static byte[] tuple(final int bytes, final int value) {
        return new RecordBytes()
                .fill(6, value)
                .u16(bytes)
                .fill(bytes - 8, value)
                .array();
    }

    /** A page with tuples of these sizes, filled with their offset numbers. */
    static MemorySegment page(final RedoFixture fixture, final int flags, final int... sizes) {
        final MemorySegment memory = fixture.emptyPage(16);
        LittleEndian.putInt(memory, 8184, -1);
        LittleEndian.putShort(memory, 8188, flags);
        LittleEndian.putShort(memory, 8190, 0xFF81);
        final PageFlyweight page = new PageFlyweight().wrap(memory, 0);
        for (int i = 0; i < sizes.length; i++) {
            final int upper = page.upper() - (sizes[i] + 7 & -8);
            final byte[] tuple = tuple(sizes[i], i + 1);
            MemorySegment.copy(tuple, 0, memory, ValueLayout.JAVA_BYTE, upper, tuple.length);
            LittleEndian.putInt(memory, page.lower(), upper | 1 << 15 | sizes[i] << 17);
            page.upper(upper);
            page.lower(page.lower() + 4);
        }
        return memory;
    }

    static byte[] item(final PageFlyweight page, final int offsetNumber) {
        final int at = page.itemOffset(offsetNumber);
        return Arrays.copyOfRange(
                page.segment().toArray(ValueLayout.JAVA_BYTE), at, at + page.itemLength(offsetNumber));
    }

    static long nsn(final MemorySegment page) {
        return LittleEndian.getUnsignedInt(page, 8176) << 32 | LittleEndian.getUnsignedInt(page, 8180);
    }

    static int rightLink(final MemorySegment page) {
        return LittleEndian.getInt(page, 8184);
    }
}
