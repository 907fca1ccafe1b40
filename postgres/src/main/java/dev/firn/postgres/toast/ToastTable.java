package dev.firn.postgres.toast;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.VarlenaFlyweight;
import dev.firn.postgres.source.RelationPages;
import dev.firn.postgres.tuple.ToastFetcher;
import java.lang.foreign.MemorySegment;

/** The values of one TOAST table (access/heaptoast.h): chunks of rows (chunk_id, chunk_seq, chunk_data). */
public final class ToastTable implements ToastFetcher {
    /** Heap pages that are kept, and read at once when values are asked for in the order in which they were stored. */
    private static final int KEPT_PAGES = 64;

    private static final int AHEAD_PAGES = 32;

    private static final int LEAST_BYTES = 64 << 10;
    private static final int ATTRIBUTES = 3;
    private static final int DATA = 8;

    private final int oid;
    private final ChunkIndex index;
    private final PageWindow heap;
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final VarlenaFlyweight chunk = new VarlenaFlyweight();
    private MemorySegment value = MemorySegment.ofArray(new byte[LEAST_BYTES]);

    /**
     * @param oid the TOAST table's, which pointers name.
     * @param pages borrowed.
     * @param indexFile of its primary key.
     */
    public ToastTable(
            final int oid, final RelationPages pages, final RelFileLocator heapFile, final RelFileLocator indexFile) {
        this.oid = oid;
        this.index = new ChunkIndex(pages, indexFile);
        this.heap = new PageWindow(pages, heapFile, KEPT_PAGES, AHEAD_PAGES);
    }

    @Override
    public MemorySegment fetch(final int toastRelation, final int valueId, final int storedBytes) {
        if (toastRelation != oid) {
            throw new MalformedDataException("a value in the TOAST table " + Integer.toUnsignedString(toastRelation)
                    + "; the relation's is " + Integer.toUnsignedString(oid));
        }
        int bytes = 0;
        int expected = 0;
        index.seek(valueId);
        while (bytes < storedBytes && index.next()) {
            // An entry may outlive its chunk.
            if (index.sequence() < expected || !wrapChunk(valueId)) {
                continue;
            }
            if (index.sequence() != expected) {
                throw malformed(valueId, "has no chunk " + expected);
            }
            final int length = chunk.payloadBytes();
            if (length > storedBytes - bytes) {
                throw malformed(valueId, "has more than the " + storedBytes + " bytes that its pointer names");
            }
            ensure(bytes, length);
            MemorySegment.copy(chunk.segment(), chunk.payloadOffset(), value, bytes, length);
            bytes += length;
            expected++;
        }
        if (bytes != storedBytes) {
            throw malformed(valueId, "has " + bytes + " bytes instead of " + storedBytes);
        }
        return value;
    }

    /** Looks at the chunk that the index leads to; false when another row is there now, or none. */
    private boolean wrapChunk(final int valueId) {
        final PageFlyweight page = heap.page(index.heapBlock());
        final int number = index.heapOffsetNumber();
        if (number < 1
                || number > page.linePointerCount()
                || LinePointer.state(page.linePointer(number)) != LinePointer.NORMAL) {
            return false;
        }
        tuple.wrap(page, number);
        final int length = tuple.lengthBytes() - tuple.dataOffset();
        if (tuple.attributeCount() != ATTRIBUTES || tuple.hasNulls() || length <= DATA) {
            throw malformed(valueId, "has a chunk with other attributes");
        }
        final long data = tuple.base() + tuple.dataOffset();
        if (LittleEndian.getInt(tuple.segment(), data) != valueId
                || LittleEndian.getInt(tuple.segment(), data + Integer.BYTES) != index.sequence()) {
            return false;
        }
        chunk.wrap(tuple.segment(), data + DATA, length - DATA);
        if (chunk.isCompressed() || chunk.form() == VarlenaFlyweight.Form.EXTERNAL) {
            throw malformed(valueId, "has a chunk that is no plain bytes");
        }
        return true;
    }

    /** Grows with what is there, not with what a damaged pointer claims. */
    private void ensure(final int kept, final int more) {
        if (value.byteSize() - kept < more) {
            final MemorySegment larger = MemorySegment.ofArray(
                    new byte[Math.toIntExact(Math.max(2 * value.byteSize(), kept + (long) more))]);
            MemorySegment.copy(value, 0, larger, 0, kept);
            value = larger;
        }
    }

    private MalformedDataException malformed(final int valueId, final String what) {
        return new MalformedDataException("the TOAST table " + Integer.toUnsignedString(oid) + ": the value "
                + Integer.toUnsignedString(valueId) + " " + what);
    }
}
