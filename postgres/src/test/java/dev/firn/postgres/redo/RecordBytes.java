package dev.firn.postgres.redo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The bytes of a structure, field by field, little-endian: a record's main data, or what it carries for a block. */
public final class RecordBytes {
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    /** A uint8. */
    public RecordBytes u8(final int value) {
        bytes.put((byte) value);
        return this;
    }

    /** A uint16. */
    public RecordBytes u16(final int value) {
        bytes.putShort((short) value);
        return this;
    }

    /** Several of uint16: offset numbers, mostly. */
    public RecordBytes u16s(final int... values) {
        for (final int value : values) {
            u16(value);
        }
        return this;
    }

    /** A uint32. */
    public RecordBytes u32(final int value) {
        bytes.putInt(value);
        return this;
    }

    /** A uint64. */
    public RecordBytes u64(final long value) {
        bytes.putLong(value);
        return this;
    }

    /** A BlockIdData of storage/block.h: two uint16, the upper half first. */
    public RecordBytes blockId(final int block) {
        return u16(block >>> Short.SIZE).u16(block);
    }

    /** Bytes as they are. */
    public RecordBytes raw(final byte... value) {
        bytes.put(value);
        return this;
    }

    /** The same byte several times. */
    public RecordBytes fill(final int count, final int value) {
        for (int i = 0; i < count; i++) {
            u8(value);
        }
        return this;
    }

    /** Zeroes up to a multiple of a power of two. */
    public RecordBytes align(final int alignment) {
        while ((bytes.position() & alignment - 1) != 0) {
            u8(0);
        }
        return this;
    }

    /** How many bytes so far. */
    public int length() {
        return bytes.position();
    }

    /** A copy of the bytes. */
    public byte[] array() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
