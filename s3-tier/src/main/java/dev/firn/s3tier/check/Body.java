package dev.firn.s3tier.check;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The bytes of one object, which nothing else in a check has.
 *
 * @param bytes off-heap; empty for an object without bytes.
 */
record Body(MemorySegment bytes, int crc32c) {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    /** Fills a segment from a number: other numbers give other bytes, at every place of eight. */
    static Body fill(final MemorySegment bytes, final long number) {
        long state = number * MULTIPLIER;
        final long words = bytes.byteSize() & -Long.BYTES;
        for (long at = 0; at < words; at += Long.BYTES) {
            state += MULTIPLIER;
            bytes.set(JAVA_LONG_UNALIGNED, at, (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L);
        }
        for (long at = words; at < bytes.byteSize(); at++) {
            state += MULTIPLIER;
            bytes.set(JAVA_BYTE, at, (byte) (state >>> 56));
        }
        return new Body(bytes, Crc32c.compute(bytes));
    }

    long lengthBytes() {
        return bytes.byteSize();
    }

    List<MemorySegment> segments() {
        return bytes.byteSize() == 0 ? List.of() : List.of(bytes);
    }

    /** Whether the first {@code lengthBytes} of a buffer are the bytes of this from an offset on. */
    boolean isAt(final long offset, final MemorySegment buffer, final long lengthBytes) {
        return offset + lengthBytes <= bytes.byteSize()
                && MemorySegment.mismatch(buffer, 0, lengthBytes, bytes, offset, offset + lengthBytes) < 0;
    }
}
