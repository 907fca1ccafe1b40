package dev.firn.postgres.compression;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Decompression of Postgres' own format, described in common/pg_lzcompress.c: groups of a control byte and eight items, its
 * lowest bit for the first. A clear bit is a literal byte. A set bit is a copy of earlier output: the first byte's low nibble
 * is its length less 3 and the high nibble the upper four bits of its distance, the second byte the distance's lower eight;
 * a length of 18 is followed by a byte to add to it.
 */
final class Pglz {
    private static final int MIN_MATCH_BYTES = 3;
    private static final int EXTENDED_MATCH_BYTES = 18;
    private static final int ITEMS_PER_CONTROL = 8;

    private Pglz() {}

    /** Decompresses a range to exactly {@code targetBytes}; the ranges must not overlap. */
    static void decompress(
            final MemorySegment source,
            final long sourceOffset,
            final long sourceBytes,
            final MemorySegment target,
            final long targetOffset,
            final long targetBytes) {
        Objects.checkFromIndexSize(sourceOffset, sourceBytes, source.byteSize());
        Objects.checkFromIndexSize(targetOffset, targetBytes, target.byteSize());
        final long sourceEnd = sourceOffset + sourceBytes;
        final long targetEnd = targetOffset + targetBytes;
        long in = sourceOffset;
        long out = targetOffset;
        while (in < sourceEnd && out < targetEnd) {
            int control = source.get(JAVA_BYTE, in++);
            for (int item = 0; item < ITEMS_PER_CONTROL && in < sourceEnd && out < targetEnd; item++, control >>= 1) {
                if ((control & 1) == 0) {
                    target.set(JAVA_BYTE, out++, source.get(JAVA_BYTE, in++));
                    continue;
                }
                if (in + 2 > sourceEnd) {
                    throw malformed("a match is cut off", in - sourceOffset, sourceBytes, targetBytes);
                }
                final int first = Byte.toUnsignedInt(source.get(JAVA_BYTE, in));
                final int distance = (first & 0xF0) << 4 | Byte.toUnsignedInt(source.get(JAVA_BYTE, in + 1));
                int length = (first & 0x0F) + MIN_MATCH_BYTES;
                in += 2;
                if (length == EXTENDED_MATCH_BYTES) {
                    if (in >= sourceEnd) {
                        throw malformed("a match is cut off", in - sourceOffset, sourceBytes, targetBytes);
                    }
                    length += Byte.toUnsignedInt(source.get(JAVA_BYTE, in++));
                }
                if (distance == 0 || distance > out - targetOffset) {
                    throw malformed(
                            "a match goes " + distance + " bytes back from output byte " + (out - targetOffset),
                            in - sourceOffset,
                            sourceBytes,
                            targetBytes);
                }
                // Postgres cuts a match off at the end of the target too.
                final int copied = (int) Math.min(length, targetEnd - out);
                copyBack(target, out, distance, copied);
                out += copied;
            }
        }
        if (out != targetEnd || in != sourceEnd) {
            throw malformed("it gave " + (out - targetOffset) + " bytes", in - sourceOffset, sourceBytes, targetBytes);
        }
    }

    /** Repeats what stands {@code distance} bytes back; bytes that this copy itself writes may be its source. */
    private static void copyBack(final MemorySegment target, final long at, final int distance, final int length) {
        int done = 0;
        if (distance >= Long.BYTES) {
            for (; done + Long.BYTES <= length; done += Long.BYTES) {
                target.set(JAVA_LONG_UNALIGNED, at + done, target.get(JAVA_LONG_UNALIGNED, at + done - distance));
            }
        }
        for (; done < length; done++) {
            target.set(JAVA_BYTE, at + done, target.get(JAVA_BYTE, at + done - distance));
        }
    }

    private static MalformedDataException malformed(
            final String what, final long at, final long sourceBytes, final long targetBytes) {
        return new MalformedDataException(
                "pglz: " + what + ", at byte " + at + " of " + sourceBytes + " that should give " + targetBytes);
    }
}
