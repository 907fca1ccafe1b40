package dev.firn.postgres.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Builds what follows a record's header: block references, origin, top-level xid, main data. */
public final class RecordBody {
    private static final int USUAL_BYTES = 1 << 20;

    private final ByteBuffer headers;
    private final ByteBuffer parts;

    /** The data of the block reference that is being built. */
    private byte[] pending = {};

    /** With room for whatever a test may want. */
    public RecordBody() {
        this(USUAL_BYTES, USUAL_BYTES);
    }

    /** With room for so many bytes of headers, and of images and data of blocks: for tests that make many records. */
    public RecordBody(final int headerBytes, final int partBytes) {
        headers = ByteBuffer.allocate(headerBytes).order(ByteOrder.LITTLE_ENDIAN);
        parts = ByteBuffer.allocate(partBytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static byte[] mainData(final byte[] data) {
        return new RecordBody().main(data);
    }

    public RecordBody origin(final int origin) {
        headers.put((byte) 253).putShort((short) origin);
        return this;
    }

    public RecordBody topLevelXid(final int xid) {
        headers.put((byte) 252).putInt(xid);
        return this;
    }

    /** The start of a block reference; {@link #relation} and {@link #block} complete it. */
    public RecordBody reference(final int id, final int forkAndFlags, final byte[] data) {
        headers.put((byte) id).put((byte) (forkAndFlags | (data.length > 0 ? 0x20 : 0)));
        headers.putShort((short) data.length);
        pending = data;
        return this;
    }

    public RecordBody image(final int flags, final int holeStart, final int holeLength, final byte[] image) {
        headers.putShort((short) image.length).putShort((short) holeStart).put((byte) flags);
        if ((flags & 0x1C) != 0 && (flags & 1) != 0) {
            headers.putShort((short) holeLength);
        }
        parts.put(image);
        return this;
    }

    public RecordBody relation(final int tablespace, final int database, final int relfilenode) {
        headers.putInt(tablespace).putInt(database).putInt(relfilenode);
        return this;
    }

    public RecordBody block(final int number) {
        headers.putInt(number);
        parts.put(pending);
        return this;
    }

    public byte[] main(final byte[] data) {
        if (data.length > 255) {
            headers.put((byte) 254).putInt(data.length);
        } else if (data.length > 0) {
            headers.put((byte) 255).put((byte) data.length);
        }
        final byte[] body = Arrays.copyOf(headers.array(), headers.position() + parts.position() + data.length);
        System.arraycopy(parts.array(), 0, body, headers.position(), parts.position());
        System.arraycopy(data, 0, body, headers.position() + parts.position(), data.length);
        return body;
    }
}
