package dev.firn.nativeio.checksum;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * CRC-32C by the public means of the JDK, for a JVM that keeps java.util.zip closed and for heap segments that are not
 * byte arrays. Allocates. The same result as the intrinsic, against which it is tested.
 */
final class PortableCrc32c {
    /** Most bytes that one ByteBuffer spans. */
    private static final int BUFFER_BYTES = 1 << 30;

    /** Piece in which heap memory that has no ByteBuffer view is copied. */
    private static final int COPY_BYTES = 8 << 10;

    private PortableCrc32c() {}

    static int update(final int crc, final MemorySegment segment, final long offset, final long lengthBytes) {
        final CRC32C tail = new CRC32C();
        if (segment.isNative()) {
            for (long done = 0; done < lengthBytes; done += BUFFER_BYTES) {
                final long piece = Math.min(BUFFER_BYTES, lengthBytes - done);
                tail.update(segment.asSlice(offset + done, piece).asByteBuffer());
            }
        } else {
            final byte[] copy = new byte[(int) Math.min(COPY_BYTES, lengthBytes)];
            for (long done = 0; done < lengthBytes; done += copy.length) {
                final int piece = (int) Math.min(copy.length, lengthBytes - done);
                MemorySegment.copy(segment, JAVA_BYTE, offset + done, copy, 0, piece);
                tail.update(copy, 0, piece);
            }
        }
        // A CRC32C always starts from nothing, so that the part before has to be joined afterwards.
        return Crc32cPolynomial.combine(crc, (int) tail.getValue(), lengthBytes);
    }
}
