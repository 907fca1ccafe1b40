package dev.firn.walquorum.log;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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
 * Frames in a segment that is written a second time have lower sequence numbers than any that is expected there.
 *
 * <p>Each frame also says up to which one all were durable when it was sealed. Where a frame is missing that a later one knows to
 * have been durable, the disk has lost what it promised to keep: that is no torn end, and not taken for one.
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
    private static final int DURABLE_AT = 56;

    private FrameLayout() {}

    /** How much of the disk a frame of this payload takes. */
    static int alignedBytes(final int payloadBytes) {
        return (HEADER_BYTES + payloadBytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Completes a frame whose payload stands in the memory behind the header's place.
     *
     * @param at where the frame begins.
     * @param durableSequence all frames before this one were durable when this one was sealed.
     * @return its checksum, which the next frame names.
     */
    static int seal(
            final MemorySegment memory,
            final long at,
            final FrameKind kind,
            final int payloadBytes,
            final int previousCrc,
            final long log,
            final long sequence,
            final long durableSequence,
            final long term,
            final long lsn) {
        final long end = at + HEADER_BYTES + payloadBytes;
        for (long i = end; i < at + alignedBytes(payloadBytes); i++) {
            memory.set(JAVA_BYTE, i, (byte) 0);
        }
        memory.set(INT, at + MAGIC_AT, MAGIC);
        memory.set(INT, at + VERSION_AT, VERSION);
        memory.set(INT, at + KIND_AT, kind.code());
        memory.set(INT, at + LENGTH_AT, payloadBytes);
        memory.set(INT, at + PREVIOUS_CRC_AT, previousCrc);
        memory.set(LONG, at + LOG_AT, log);
        memory.set(LONG, at + SEQUENCE_AT, sequence);
        memory.set(LONG, at + TERM_AT, term);
        memory.set(LONG, at + LSN_AT, lsn);
        memory.set(LONG, at + DURABLE_AT, durableSequence);
        final int crc = Crc32c.compute(memory, at + CRC_FROM, end - at - CRC_FROM);
        memory.set(INT, at + CRC_AT, crc);
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

    /** What the frame says of others: all before this sequence number were durable when it was sealed. */
    static long durableSequence(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + DURABLE_AT);
    }

    static long term(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + TERM_AT);
    }

    static long lsn(final MemorySegment bytes, final long offset) {
        return bytes.get(LONG, offset + LSN_AT);
    }
}
