package dev.firn.walquorum.log;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout.OfInt;
import java.lang.foreign.ValueLayout.OfLong;
import java.nio.ByteOrder;

/**
 * A frame on disk: a header of 64 bytes, the payload, zeroes up to the alignment. Little-endian.
 *
 * <p>A frame is the next one of its log when its checksum is right, its log and sequence number are the ones expected, and it
 * names the checksum of the frame before. The last is what tells a frame that was written after its predecessor from one that
 * an earlier life of the process left at the same place: that life's predecessor, never acknowledged, has been written over.
 */
final class FrameLayout {
    /** Where frames begin, and how long they are: multiples of this, which every device takes for a direct write. */
    static final int ALIGNMENT = 4_096;

    static final int HEADER_BYTES = 64;

    /** "FWAL", and the version of this layout. */
    private static final int MAGIC = 0x4C41_5746;

    private static final int VERSION = 1;

    private static final OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAGIC_AT = 0;
    private static final int VERSION_AT = 4;
    private static final int CRC_AT = 8;
    private static final int CRC_FROM = 12;
    private static final int KIND_AT = 12;
    private static final int LENGTH_AT = 16;
    private static final int PREVIOUS_CRC_AT = 20;
    private static final int LOG_AT = 24;
    private static final int SEQUENCE_AT = 32;
    private static final int TERM_AT = 40;
    private static final int LSN_AT = 48;

    private FrameLayout() {}

    /** How much of the disk a frame of this payload takes. */
    static int alignedBytes(final int payloadBytes) {
        return (HEADER_BYTES + payloadBytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Completes a frame whose payload stands in the buffer behind the header's place.
     *
     * @return its checksum, which the next frame names.
     */
    static int seal(
            final MemorySegment frame,
            final FrameKind kind,
            final int payloadBytes,
            final int previousCrc,
            final long log,
            final long sequence,
            final long term,
            final long lsn) {
        final int end = HEADER_BYTES + payloadBytes;
        for (int i = end; i < alignedBytes(payloadBytes); i++) {
            frame.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) 0);
        }
        frame.set(INT, MAGIC_AT, MAGIC);
        frame.set(INT, VERSION_AT, VERSION);
        frame.set(INT, KIND_AT, kind.code());
        frame.set(INT, LENGTH_AT, payloadBytes);
        frame.set(INT, PREVIOUS_CRC_AT, previousCrc);
        frame.set(LONG, LOG_AT, log);
        frame.set(LONG, SEQUENCE_AT, sequence);
        frame.set(LONG, TERM_AT, term);
        frame.set(LONG, LSN_AT, lsn);
        frame.set(LONG, LSN_AT + Long.BYTES, 0L);
        final int crc = Crc32c.compute(frame, CRC_FROM, (long) end - CRC_FROM);
        frame.set(INT, CRC_AT, crc);
        return crc;
    }

    /** Whether a header begins here; says nothing about the payload. */
    static boolean hasHeader(final MemorySegment bytes, final long offset) {
        return bytes.get(INT, offset + MAGIC_AT) == MAGIC;
    }

    static int version(final MemorySegment bytes, final long offset) {
        return bytes.get(INT, offset + VERSION_AT);
    }

    static boolean isKnownVersion(final int version) {
        return version == VERSION;
    }

    static FrameKind kind(final MemorySegment bytes, final long offset) {
        return FrameKind.of(bytes.get(INT, offset + KIND_AT));
    }

    static int payloadBytes(final MemorySegment bytes, final long offset) {
        return bytes.get(INT, offset + LENGTH_AT);
    }

    static int previousCrc(final MemorySegment bytes, final long offset) {
        return bytes.get(INT, offset + PREVIOUS_CRC_AT);
    }

    static int crc(final MemorySegment bytes, final long offset) {
        return bytes.get(INT, offset + CRC_AT);
    }

    /** Whether the checksum of a frame that lies whole within the bytes is right. */
    static boolean isIntact(final MemorySegment bytes, final long offset) {
        final long length = (long) HEADER_BYTES + payloadBytes(bytes, offset) - CRC_FROM;
        return Crc32c.compute(bytes, offset + CRC_FROM, length) == crc(bytes, offset);
    }

    static long log(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + LOG_AT);
    }

    static long sequence(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + SEQUENCE_AT);
    }

    static long term(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + TERM_AT);
    }

    static long lsn(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + LSN_AT);
    }
}
