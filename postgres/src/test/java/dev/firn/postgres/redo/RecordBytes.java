package dev.firn.postgres.redo;

import java.util.Arrays;

/** The bytes of a structure, field by field, little-endian: a record's main data, or what it carries for a block. */
public final class RecordBytes {
    private byte[] bytes = new byte[64];
    private int length;

    /** A uint8. */
    public RecordBytes u8(final int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) value;
        return this;
    }

    /** A uint16. */
    public RecordBytes u16(final int value) {
        return u8(value).u8(value >>> 8);
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
        return u16(value).u16(value >>> 16);
    }

    /** A uint64. */
    public RecordBytes u64(final long value) {
        return u32((int) value).u32((int) (value >>> 32));
    }

    /** A BlockIdData of storage/block.h: two uint16, the upper half first. */
    public RecordBytes blockId(final int block) {
        return u16(block >>> 16).u16(block);
    }

    /** Bytes as they are. */
    public RecordBytes raw(final byte... values) {
        for (final byte value : values) {
            u8(value);
        }
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
        while ((length & alignment - 1) != 0) {
            u8(0);
        }
        return this;
    }

    /** How many bytes so far. */
    public int length() {
        return length;
    }

    /** A copy of the bytes. */
    public byte[] array() {
        return Arrays.copyOf(bytes, length);
    }
}
