package dev.firn.postgres.tuple;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Heap pages made by the rules of heap_form_tuple, one value after another. */
final class TupleMaker {
    private static final int HEADER_BYTES = 23;
    private static final int SHORTEST_LONG = 127;

    private final byte[] bytes = new byte[PageLayout.PAGE_BYTES];
    private final MemorySegment memory = MemorySegment.ofArray(bytes);

    /**
     * A tuple's bytes.
     *
     * @param values of each stored attribute its content, without varlena header; null for null.
     */
    byte[] tuple(final List<StoredAttribute> attributes, final List<byte[]> values) {
        Arrays.fill(bytes, (byte) 0);
        final boolean hasNulls = values.stream().anyMatch(Objects::isNull);
        final int begin = PageLayout.align(HEADER_BYTES + (hasNulls ? (values.size() + 7) >>> 3 : 0));
        LittleEndian.putShort(memory, 18, values.size());
        LittleEndian.putShort(
                memory,
                20,
                (hasNulls ? HeapTupleFlags.HAS_NULL : 0) | HeapTupleFlags.XMIN_COMMITTED | HeapTupleFlags.XMAX_INVALID);
        bytes[22] = (byte) begin;
        int at = begin;
        for (int i = 0; i < values.size(); i++) {
            final byte[] value = values.get(i);
            if (value == null) {
                continue;
            }
            if (hasNulls) {
                bytes[HEADER_BYTES + (i >>> 3)] |= (byte) (1 << (i & 7));
            }
            final StoredAttribute attribute = attributes.get(i);
            if (attribute.length() == -1 && value.length + 1 < SHORTEST_LONG) {
                bytes[at++] = (byte) (((value.length + 1) << 1) | 1);
            } else {
                at = begin + ((at - begin + attribute.alignment() - 1) & -attribute.alignment());
                if (attribute.length() == -1) {
                    LittleEndian.putInt(memory, at, (value.length + 4) << 2);
                    at += 4;
                }
            }
            System.arraycopy(value, 0, bytes, at, value.length);
            at += value.length;
        }
        return Arrays.copyOf(bytes, at);
    }

    /** Puts a tuple onto a page; whether there was room. */
    static boolean add(final PageFlyweight page, final byte[] tuple) {
        final int begin = page.upper() - PageLayout.align(tuple.length);
        if (begin < page.lower() + PageLayout.LINE_POINTER_BYTES) {
            return false;
        }
        MemorySegment.copy(tuple, 0, page.segment(), ValueLayout.JAVA_BYTE, page.base() + begin, tuple.length);
        final int number = page.linePointerCount() + 1;
        page.lower(page.lower() + PageLayout.LINE_POINTER_BYTES);
        page.upper(begin);
        page.linePointer(number, LinePointer.of(begin, LinePointer.NORMAL, tuple.length));
        return true;
    }
}
