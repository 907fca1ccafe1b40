package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.store.WriteStamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a file's extended attribute says of it: which version of which length and checksum, and whose writes led to it.
 *
 * <pre>
 *   0  version of this layout (1)    1  'o'    2  flags (1: the stamp is complete)    3  number of writes
 *   4  CRC-32C of the content        8  length        16  write id        24  when it was written, ms since 1970
 *  32  16 bytes for each write, newest first          at the end: CRC-32C of all before
 * </pre>
 *
 * Little-endian. With one write it takes 52 bytes, which ext4 keeps inside of an inode of 256.
 *
 * @param writeId drawn at random for each write: two versions of one key never have the same etag, not even with
 *     the same content.
 */
record ObjectAttribute(int crc32c, long lengthBytes, long writeId, long writtenEpochMs, WriteStamp stamp) {
    private static final byte LAYOUT_VERSION = 1;
    private static final byte KIND = 'o';
    private static final int FLAG_COMPLETE = 1;
    private static final int WRITES_OFFSET = 32;
    private static final int WRITE_BYTES = 16;
    private static final HexFormat HEX = HexFormat.of();

    /** The version's name, quotes included, as HTTP writes it. */
    String etag() {
        return "\"" + HEX.toHexDigits(crc32c) + "-" + HEX.toHexDigits(writeId) + "\"";
    }

    byte[] encode() {
        final List<String> writes = stamp.writes();
        final byte[] bytes = new byte[WRITES_OFFSET + writes.size() * WRITE_BYTES + Integer.BYTES];
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(LAYOUT_VERSION).put(KIND).put((byte) (stamp.complete() ? FLAG_COMPLETE : 0));
        buffer.put((byte) writes.size()).putInt(crc32c).putLong(lengthBytes).putLong(writeId);
        buffer.putLong(writtenEpochMs);
        for (final String write : writes) {
            buffer.put(HEX.parseHex(write));
        }
        buffer.putInt(Crc32c.compute(bytes, 0, buffer.position()));
        return bytes;
    }

    /** Null when it is nothing that {@link #encode} makes. */
    static ObjectAttribute decode(final byte[] bytes) {
        if (bytes.length < WRITES_OFFSET + Integer.BYTES || bytes[0] != LAYOUT_VERSION || bytes[1] != KIND) {
            return null;
        }
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        final int flags = bytes[2];
        final int count = bytes[3];
        final int end = bytes.length - Integer.BYTES;
        if (count < 0
                || count > WriteStamp.MAX_WRITES
                || (flags & ~FLAG_COMPLETE) != 0
                || end != WRITES_OFFSET + count * WRITE_BYTES
                || buffer.getInt(end) != Crc32c.compute(bytes, 0, end)
                || buffer.getLong(8) < 0) {
            return null;
        }
        final List<String> writes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            final int from = WRITES_OFFSET + i * WRITE_BYTES;
            writes.add(HEX.formatHex(bytes, from, from + WRITE_BYTES));
        }
        return new ObjectAttribute(
                buffer.getInt(4),
                buffer.getLong(8),
                buffer.getLong(16),
                buffer.getLong(24),
                new WriteStamp(writes, flags == FLAG_COMPLETE));
    }
}
