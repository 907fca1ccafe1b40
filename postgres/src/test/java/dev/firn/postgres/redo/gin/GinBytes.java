package dev.firn.postgres.redo.gin;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Posting lists, tuples and pages for the tests, written without the code under test. An item is its block times 2048 plus its offset number. */
final class GinBytes {
    static final int NO_BLOCK = -1;

    private GinBytes() {}

    static long item(final long block, final int offsetNumber) {
        return block << 11 | offsetNumber;
    }

    static byte[] itemPointer(final long item) {
        return new RecordBytes()
                .blockId((int) (item >>> 11))
                .u16((int) item & 0x7FF)
                .array();
    }

    /** Items as the record's ADDITEMS action and uncompressed leaves have them. */
    static byte[] itemPointers(final long... items) {
        final RecordBytes bytes = new RecordBytes();
        for (final long item : items) {
            bytes.raw(itemPointer(item));
        }
        return bytes.array();
    }

    /** A compressed posting list. */
    static byte[] list(final long... items) {
        final ByteArrayOutputStream distances = new ByteArrayOutputStream();
        for (int i = 1; i < items.length; i++) {
            long distance = items[i] - items[i - 1];
            for (; distance >= 128; distance /= 128) {
                distances.write((int) (128 + distance % 128));
            }
            distances.write((int) distance);
        }
        return new RecordBytes()
                .raw(itemPointer(items[0]))
                .u16(distances.size())
                .raw(distances.toByteArray())
                .align(2)
                .array();
    }

    /** An index tuple of so many bytes whose payload is one value. */
    static byte[] tuple(final int bytes, final int value) {
        return new RecordBytes()
                .fill(6, value)
                .u16(bytes)
                .fill(bytes - 8, value)
                .array();
    }

    static byte[] join(final byte[]... parts) {
        final RecordBytes bytes = new RecordBytes();
        for (final byte[] part : parts) {
            bytes.raw(part);
        }
        return bytes.array();
    }

    /** A GIN page with these flags, maxoff and bytes from the data's begin on. */
    static MemorySegment page(final RedoFixture fixture, final int flags, final int maxOffset, final byte... data) {
        final MemorySegment page = fixture.emptyPage(8);
        LittleEndian.putInt(page, 8184, NO_BLOCK);
        LittleEndian.putShort(page, 8188, maxOffset);
        LittleEndian.putShort(page, 8190, flags);
        if ((flags & GinPage.DATA) != 0) {
            MemorySegment.copy(data, 0, page, ValueLayout.JAVA_BYTE, 32, data.length);
            new PageFlyweight().wrap(page, 0).lower(32 + data.length);
        }
        return page;
    }

    /** A compressed leaf of a posting tree with these lists. */
    static MemorySegment leaf(final RedoFixture fixture, final byte[]... lists) {
        return page(fixture, GinPage.DATA | GinPage.LEAF | GinPage.COMPRESSED, 0, join(lists));
    }

    /** What lies between a leaf's or inner page's right bound and its lower. */
    static byte[] data(final MemorySegment page) {
        return bytes(page, 32, new PageFlyweight().wrap(page, 0).lower());
    }

    static byte[] bytes(final MemorySegment page, final int from, final int to) {
        return Arrays.copyOfRange(page.toArray(ValueLayout.JAVA_BYTE), from, to);
    }

    static int rightLink(final MemorySegment page) {
        return LittleEndian.getInt(page, 8184);
    }

    static int maxOffset(final MemorySegment page) {
        return LittleEndian.getUnsignedShort(page, 8188);
    }

    static int flags(final MemorySegment page) {
        return LittleEndian.getUnsignedShort(page, 8190);
    }
}
