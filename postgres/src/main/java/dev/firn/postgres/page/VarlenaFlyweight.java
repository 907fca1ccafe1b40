package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.CompressionMethod;
import dev.firn.postgres.compression.Decompressor;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A value of variable length in place: varattrib of varatt.h (postgres.h until 15), in the four forms that stand on disk. The memory is
 * borrowed from {@link #wrap} until the next one.
 */
public final class VarlenaFlyweight {
    /** How a value is stored. */
    public enum Form {
        /** One byte of length, then at most 126 bytes; not aligned. */
        SHORT,
        /** Four bytes of length, then the value. */
        PLAIN,
        /** Four bytes of length, four of raw length and method, then the compressed value. */
        COMPRESSED,
        /** A pointer to a value in a TOAST table. */
        EXTERNAL
    }

    /** A TOAST pointer's size: header byte, tag, varatt_external. */
    public static final int TOAST_POINTER_BYTES = 18;

    private static final int EXTERNAL_HEADER = 0x01;
    private static final int SHORT_BIT = 0x01;
    private static final int FORM_MASK = 0x03;
    private static final int COMPRESSED_BITS = 0x02;

    /** VARTAG_ONDISK: the other tags point into a backend's memory and never reach a page. */
    private static final int TAG_ON_DISK = 18;

    private static final int LENGTH_BYTES = 4;
    private static final int COMPRESSED_HEADER_BYTES = 8;

    /** VARLENA_EXTSIZE_BITS: the two bits above are the method. */
    private static final int SIZE_BITS = 30;

    private static final int SIZE_MASK = (1 << SIZE_BITS) - 1;

    private static final int RAW_SIZE_OFFSET = 2;
    private static final int EXTERNAL_INFO_OFFSET = 6;
    private static final int VALUE_ID_OFFSET = 10;
    private static final int TOAST_RELATION_OFFSET = 14;

    private MemorySegment segment;
    private long base;
    private Form form;
    private int total;

    /**
     * Borrows the value that begins here. A value with four bytes of length begins at a multiple of its type's alignment from the
     * tuple's data: skipping the padding is for the one who knows the type.
     *
     * @param availableBytes how many bytes there are from here to the end of what may hold it.
     * @throws MalformedDataException when the value does not fit in them.
     */
    public VarlenaFlyweight wrap(final MemorySegment borrowed, final long offset, final long availableBytes) {
        Objects.checkFromIndexSize(offset, availableBytes, borrowed.byteSize());
        segment = borrowed;
        base = offset;
        if (availableBytes < 1) {
            throw new MalformedDataException("a varlena value with no bytes");
        }
        final int header = LittleEndian.getUnsignedByte(borrowed, offset);
        final int minimum;
        if (header == EXTERNAL_HEADER) {
            form = Form.EXTERNAL;
            total = TOAST_POINTER_BYTES;
            minimum = TOAST_POINTER_BYTES;
        } else if ((header & SHORT_BIT) != 0) {
            form = Form.SHORT;
            total = header >>> 1;
            minimum = 1;
        } else {
            if (availableBytes < LENGTH_BYTES) {
                throw new MalformedDataException("a varlena header cut off after " + availableBytes + " bytes");
            }
            final boolean compressed = (header & FORM_MASK) == COMPRESSED_BITS;
            form = compressed ? Form.COMPRESSED : Form.PLAIN;
            total = LittleEndian.getInt(borrowed, offset) >>> 2;
            minimum = compressed ? COMPRESSED_HEADER_BYTES : LENGTH_BYTES;
        }
        if (total < minimum || total > availableBytes) {
            throw new MalformedDataException("a varlena value, " + form + ", of " + total + " bytes: it takes at least "
                    + minimum + ", and there are " + availableBytes);
        }
        if (form == Form.EXTERNAL && LittleEndian.getUnsignedByte(borrowed, offset + 1) != TAG_ON_DISK) {
            throw new MalformedDataException("a TOAST pointer with tag "
                    + LittleEndian.getUnsignedByte(borrowed, offset + 1) + ", not " + TAG_ON_DISK);
        }
        return this;
    }

    /** The memory that the value lies in. */
    public MemorySegment segment() {
        return segment;
    }

    /** How it is stored. */
    public Form form() {
        return form;
    }

    /** VARSIZE_ANY: its length with its header. */
    public int totalBytes() {
        return total;
    }

    /** Where in {@link #segment} what is stored begins: the value or its compressed form. */
    public long payloadOffset() {
        return base
                + switch (form) {
                    case SHORT -> 1;
                    case PLAIN -> LENGTH_BYTES;
                    case COMPRESSED -> COMPRESSED_HEADER_BYTES;
                    case EXTERNAL -> throw external();
                };
    }

    /** How much is stored, without header. */
    public int payloadBytes() {
        return total - (int) (payloadOffset() - base);
    }

    /** How long the value is, decompressed and without header; of an external value too. */
    public int rawBytes() {
        return switch (form) {
            case SHORT, PLAIN -> payloadBytes();
            case COMPRESSED -> LittleEndian.getInt(segment, base + LENGTH_BYTES) & SIZE_MASK;
            // va_rawsize counts a header of four bytes.
            case EXTERNAL -> externalRawBytes();
        };
    }

    private int externalRawBytes() {
        final int withHeader = LittleEndian.getInt(segment, base + RAW_SIZE_OFFSET);
        if (withHeader < LENGTH_BYTES || withHeader > SIZE_MASK) {
            throw new MalformedDataException("a TOAST pointer to a value of " + withHeader + " bytes");
        }
        return withHeader - LENGTH_BYTES;
    }

    /** Whether what is stored, here or in the TOAST table, is compressed. */
    public boolean isCompressed() {
        return switch (form) {
            case SHORT, PLAIN -> false;
            case COMPRESSED -> true;
            // VARATT_EXTERNAL_IS_COMPRESSED of varatt.h: less is stored than there is.
            case EXTERNAL -> externalBytes() < externalRawBytes();
        };
    }

    /** How it is compressed; only when {@link #isCompressed}. */
    public CompressionMethod method() {
        if (!isCompressed()) {
            throw new IllegalStateException("a " + form + " value is not compressed");
        }
        final long info = form == Form.EXTERNAL ? base + EXTERNAL_INFO_OFFSET : base + LENGTH_BYTES;
        final int id = LittleEndian.getInt(segment, info) >>> SIZE_BITS;
        final CompressionMethod method = CompressionMethod.ofToastId(id);
        if (method == null) {
            throw new MalformedDataException(
                    "a value compressed with method " + id + ": Postgres has 0 (pglz) and 1 (lz4)");
        }
        return method;
    }

    /** Copies the value, decompressed, to a target with room for {@link #rawBytes}; not of an external value. */
    public void copyValueTo(final MemorySegment target, final long targetOffset, final Decompressor decompressor) {
        if (form == Form.COMPRESSED) {
            decompressor.decompress(
                    method(), segment, payloadOffset(), payloadBytes(), target, targetOffset, rawBytes());
        } else {
            MemorySegment.copy(segment, payloadOffset(), target, targetOffset, payloadBytes());
        }
    }

    /** How many bytes the TOAST table holds of it: all chunks together. */
    public int externalBytes() {
        requireExternal();
        return LittleEndian.getInt(segment, base + EXTERNAL_INFO_OFFSET) & SIZE_MASK;
    }

    /** Its chunk_id in the TOAST table. */
    public int externalValueId() {
        requireExternal();
        return LittleEndian.getInt(segment, base + VALUE_ID_OFFSET);
    }

    /** The OID of the TOAST table. */
    public int externalToastRelation() {
        requireExternal();
        return LittleEndian.getInt(segment, base + TOAST_RELATION_OFFSET);
    }

    private void requireExternal() {
        if (form != Form.EXTERNAL) {
            throw new IllegalStateException("a " + form + " value is not in a TOAST table");
        }
    }

    private static IllegalStateException external() {
        return new IllegalStateException("an external value is in its TOAST table, not here");
    }
}
