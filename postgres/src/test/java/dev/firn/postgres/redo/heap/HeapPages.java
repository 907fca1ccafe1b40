package dev.firn.postgres.redo.heap;

import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoFixture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Heap pages and parts of heap records for tests, written without the code under test. */
final class HeapPages {
    /** t_infomask that no other bit disturbs. */
    static final int PLAIN = HeapTupleFlags.XMAX_INVALID;

    /** Bytes of a tuple's data as {@link #addTuple} makes it. */
    static final int DATA_OFFSET = 24;

    private HeapPages() {}

    /** xl_heap_header, one byte of padding, and data: what a record has of a tuple. */
    static RecordBytes tuple(final int infomask2, final int infomask, final byte... data) {
        return new RecordBytes()
                .u16(infomask2)
                .u16(infomask)
                .u8(DATA_OFFSET)
                .u8(0)
                .raw(data);
    }

    /** An empty heap page. */
    static MemorySegment page(final RedoFixture fixture) {
        return fixture.emptyPage(0);
    }

    /** Adds a tuple behind the others: xmin 600, no xmax, t_ctid (block, its offset number), t_cid 5. */
    static int addTuple(final MemorySegment page, final int block, final int infomask, final byte... data) {
        final byte[] bytes = new RecordBytes()
                .u32(600)
                .u32(0)
                .u32(5)
                .blockId(block)
                .u16(new PageFlyweight().wrap(page, 0).linePointerCount() + 1)
                .u16(1)
                .u16(infomask)
                .u8(DATA_OFFSET)
                .u8(0)
                .raw(data)
                .array();
        final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);
        final int upper = flyweight.upper() - (bytes.length + 7 & ~7);
        final int offsetNumber = flyweight.linePointerCount() + 1;
        MemorySegment.copy(bytes, 0, page, ValueLayout.JAVA_BYTE, upper, bytes.length);
        flyweight.upper(upper);
        flyweight.lower(flyweight.lower() + 4);
        flyweight.linePointer(offsetNumber, upper | 1 << 15 | bytes.length << 17);
        return offsetNumber;
    }

    /** The page's flyweight. */
    static PageFlyweight at(final MemorySegment page) {
        return new PageFlyweight().wrap(page, 0);
    }

    /** A tuple of the page. */
    static HeapTupleFlyweight tupleOf(final MemorySegment page, final int offsetNumber) {
        return new HeapTupleFlyweight().wrap(at(page), offsetNumber);
    }

    /** A tuple's data, without header and padding. */
    static byte[] dataOf(final MemorySegment page, final int offsetNumber) {
        final HeapTupleFlyweight tuple = tupleOf(page, offsetNumber);
        return tuple.segment()
                .asSlice(tuple.base() + tuple.dataOffset(), tuple.dataBytes())
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /** A copy of the page's bytes. */
    static byte[] bytesOf(final MemorySegment page) {
        return page.toArray(ValueLayout.JAVA_BYTE);
    }
}
