package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the extended attribute of an unfinished upload's file says: for which key, and since when.
 *
 * <pre>
 *   0  version of this layout (1)    1  'u'    2  length of the key    4  when it began, ms since 1970
 *  12  the key in UTF-8              at the end: CRC-32C of all before
 * </pre>
 *
 * Little-endian.
 */
record UploadAttribute(String key, long startedEpochMs) {
    private static final byte LAYOUT_VERSION = 1;
    private static final byte KIND = 'u';
    private static final int KEY_OFFSET = 12;

    byte[] encode() {
        final byte[] name = key.getBytes(StandardCharsets.UTF_8);
        final byte[] bytes = new byte[KEY_OFFSET + name.length + Integer.BYTES];
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(LAYOUT_VERSION).put(KIND).putShort((short) name.length).putLong(startedEpochMs);
        buffer.put(name);
        buffer.putInt(Crc32c.compute(bytes, 0, buffer.position()));
        return bytes;
    }

    /** Null when it is nothing that {@link #encode} makes. */
    static UploadAttribute decode(final byte[] bytes) {
        if (bytes.length < KEY_OFFSET + Integer.BYTES || bytes[0] != LAYOUT_VERSION || bytes[1] != KIND) {
            return null;
        }
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        final int end = bytes.length - Integer.BYTES;
        if (end - KEY_OFFSET != Short.toUnsignedInt(buffer.getShort(2))
                || buffer.getInt(end) != Crc32c.compute(bytes, 0, end)) {
            return null;
        }
        final String key = new String(bytes, KEY_OFFSET, end - KEY_OFFSET, StandardCharsets.UTF_8);
        // Bytes that are no UTF-8 came from elsewhere: what is listed must be a key.
        return Arrays.equals(key.getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(bytes, KEY_OFFSET, end))
                ? new UploadAttribute(key, buffer.getLong(4))
                : null;
    }
}
