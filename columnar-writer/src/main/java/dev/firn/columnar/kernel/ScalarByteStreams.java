package dev.firn.columnar.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Stream after stream, byte by byte: the twin of {@link VectorByteStreams}, and what serves other widths. */
final class ScalarByteStreams {
    private ScalarByteStreams() {}

    static void split(
            final MemorySegment in,
            final long offset,
            final int first,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        for (int stream = 0; stream < width; stream++) {
            final long to = outOffset + (long) stream * count;
            for (int i = first; i < count; i++) {
                out.set(JAVA_BYTE, to + i, in.get(JAVA_BYTE, offset + (long) i * width + stream));
            }
        }
    }
}
