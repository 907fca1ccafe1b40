package dev.firn.columnar.rebuild;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageLayout;

/**
 * A page's line pointers in the residue, where they are not as predicted: those of the page's rows where these lie, as many as there must be, the
 * others unused.
 *
 * <p>How many there are; then for each that is not as predicted how far it is from the last such, and the pointer: 0 for dead, 1 and a number for a
 * redirection, 2 and the four bytes for any other. Numbers are ULEB128.
 */
final class LinePointers {
    /** As many as fit on a page. */
    static final int MOST = (PageLayout.PAGE_BYTES - PageLayout.HEADER_BYTES) / PageLayout.LINE_POINTER_BYTES;

    private static final int DEAD_TAG = 0;
    private static final int REDIRECT_TAG = 1;
    private static final int OTHER_TAG = 2;
    private static final int DEAD_POINTER = LinePointer.of(0, LinePointer.DEAD, 0);

    private LinePointers() {}

    /** Encodes pointers that differ from what was predicted. */
    static void encode(final int[] predicted, final int[] pointers, final int count, final GrowingBuffer out) {
        out.putVarint(count);
        int last = 0;
        for (int i = 0; i < count; i++) {
            final int pointer = pointers[i];
            if (pointer == predicted[i]) {
                continue;
            }
            out.putVarint(i - last);
            last = i;
            if (pointer == DEAD_POINTER) {
                out.putVarint(DEAD_TAG);
            } else if (pointer == LinePointer.redirectTo(LinePointer.offset(pointer))) {
                out.putVarint(REDIRECT_TAG);
                out.putVarint(LinePointer.offset(pointer));
            } else {
                out.putVarint(OTHER_TAG);
                out.putInt(pointer);
            }
        }
    }

    /** Rights predicted pointers; how many there are. */
    static int apply(final ResidueReader residue, final int[] pointers) {
        final int count = residue.varint();
        if (count > MOST) {
            throw new MalformedDataException("a residue of " + count + " line pointers");
        }
        int at = 0;
        while (!residue.atEnd()) {
            at += residue.varint();
            if (at < 0 || at >= count) {
                throw new MalformedDataException("a residue's line pointer " + (at + 1L) + " among " + count);
            }
            final int tag = residue.varint();
            pointers[at] = switch (tag) {
                case DEAD_TAG -> DEAD_POINTER;
                case REDIRECT_TAG -> LinePointer.redirectTo(residue.varint());
                case OTHER_TAG -> residue.int32();
                default -> throw new MalformedDataException("a residue's line pointer of kind " + tag);
            };
        }
        return count;
    }
}
