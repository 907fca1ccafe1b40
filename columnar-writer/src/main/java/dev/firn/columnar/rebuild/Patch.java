package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;

/**
 * The difference between a range of a page and its prediction: runs of bytes, each with how far it is from the end of the last one, and how long.
 * Numbers are ULEB128. Runs that are close to each other are one.
 */
final class Patch {
    /** So many equal bytes cost less than a new run. */
    private static final int BRIDGE = 2;

    private Patch() {}

    /** Appends what differs in a range; nothing when nothing does. Both positions are of the page, and ranges come in order. */
    static long diff(
            final MemorySegment page,
            final long pageBase,
            final MemorySegment predicted,
            final int from,
            final int to,
            final long lastEnd,
            final GrowingBuffer out) {
        long end = lastEnd;
        int at = from;
        while (at < to) {
            at = skipEqual(page, pageBase, predicted, at, to);
            if (at == to) {
                break;
            }
            int finish = at + 1;
            int equal = 0;
            for (int i = finish; i < to && equal <= BRIDGE; i++) {
                if (page.get(JAVA_BYTE, pageBase + i) == predicted.get(JAVA_BYTE, i)) {
                    equal++;
                } else {
                    equal = 0;
                    finish = i + 1;
                }
            }
            out.putVarint(at - end);
            out.putVarint(finish - at);
            out.append(page, pageBase + at, finish - at);
            end = finish;
            at = finish;
        }
        return end;
    }

    private static int skipEqual(
            final MemorySegment page,
            final long pageBase,
            final MemorySegment predicted,
            final int from,
            final int to) {
        int at = from;
        while (at + Long.BYTES <= to
                && LittleEndian.getLong(page, pageBase + at) == LittleEndian.getLong(predicted, at)) {
            at += Long.BYTES;
        }
        while (at < to && page.get(JAVA_BYTE, pageBase + at) == predicted.get(JAVA_BYTE, at)) {
            at++;
        }
        return at;
    }

    static void apply(final ResidueReader residue, final MemorySegment page, final int pageBytes) {
        int at = 0;
        while (!residue.atEnd()) {
            final int gap = residue.varint();
            final int length = residue.varint();
            if (gap > pageBytes - at || length > pageBytes - at - gap) {
                throw new MalformedDataException(
                        "a residue's patch of " + length + " bytes, " + gap + " bytes after " + at);
            }
            at += gap;
            MemorySegment.copy(residue.segment(), residue.take(length), page, at, length);
            at += length;
        }
    }
}
