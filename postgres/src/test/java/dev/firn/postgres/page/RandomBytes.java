package dev.firn.postgres.page;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;

/** Fills memory with bytes that a seed determines. */
final class RandomBytes {
    private RandomBytes() {}

    static void fill(final MemorySegment segment, final RandomGenerator random) {
        final byte[] bytes = new byte[(int) segment.byteSize()];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }
}
