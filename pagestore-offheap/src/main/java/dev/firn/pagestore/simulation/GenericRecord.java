package dev.firn.pagestore.simulation;

import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.wal.ResourceManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes generic WAL records (access/generic_xlog.h): some bytes for a place of a page. */
final class GenericRecord {
    private static final int HEADER_BYTES = 24;
    private static final int REFERENCE_BYTES = 20;
    private static final int HAS_DATA = 0x20;
    private static final int RESOURCE_MANAGER_AT = 17;

    private GenericRecord() {}

    static byte[] of(final ModelKey key, final int offset, final byte[] value) {
        if (offset + value.length > PageLayout.PAGE_BYTES) {
            throw new IllegalArgumentException("beyond the page");
        }
        final int dataBytes = 2 * Short.BYTES + value.length;
        final byte[] record = new byte[HEADER_BYTES + REFERENCE_BYTES + dataBytes];
        final ByteBuffer bytes = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, record.length);
        bytes.put(RESOURCE_MANAGER_AT, (byte) ResourceManager.GENERIC.id());
        bytes.position(HEADER_BYTES);
        bytes.put((byte) 0).put((byte) HAS_DATA).putShort((short) dataBytes);
        bytes.putInt(ModelKey.TABLESPACE).putInt(key.database()).putInt(key.relation());
        bytes.putInt(key.block());
        bytes.putShort((short) offset).putShort((short) value.length).put(value);
        return record;
    }
}
