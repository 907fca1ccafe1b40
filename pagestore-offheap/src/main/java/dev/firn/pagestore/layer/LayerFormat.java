package dev.firn.pagestore.layer;

import dev.firn.nativeio.checksum.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Where everything is in a layer, all of it little-endian: {@code docs/page-layers.md} is this in words and pictures. A change of any number here
 * is a new {@link #VERSION}.
 */
final class LayerFormat {
    static final int VERSION = 1;

    // Header: the object's first bytes.
    /** "FIRNLAYR". */
    static final long HEADER_MAGIC = 0x5259414C_4E524946L;

    static final int HEADER_VERSION = 8;
    static final int HEADER_IDENTITY = 12;
    static final int HEADER_EPOCH = 16;
    static final int HEADER_NUMBER = 24;
    static final int HEADER_CHECKSUM = 32;
    static final int HEADER_BYTES = 40;

    // Block: head, then its content as the method stores it.
    static final int BLOCK_CHECKSUM = 0;
    static final int BLOCK_WORD = 4;
    static final int BLOCK_HEAD_BYTES = 8;
    static final int METHOD_SHIFT = 30;
    static final int MAX_CONTENT_BYTES = (1 << METHOD_SHIFT) - 1;

    // Content of a block of entries.
    static final int CONTENT_KEYS = 0;
    static final int CONTENT_ENTRIES = 4;
    static final int CONTENT_HEAD_BYTES = 8;

    static final int KEY_HIGH = 0;
    static final int KEY_MIDDLE = 8;
    static final int KEY_LOW = 16;
    static final int KEY_FIRST_ENTRY = 24;
    static final int KEY_ZERO = 28;
    static final int KEY_BYTES = 32;

    static final int ENTRY_LSN = 0;
    static final int ENTRY_PAYLOAD = 8;
    static final int ENTRY_LENGTH = 12;
    static final int ENTRY_RECORD_BYTES = 16;
    static final int ENTRY_TOUCH = 20;
    static final int ENTRY_KIND = 22;
    static final int ENTRY_ZERO = 23;
    static final int ENTRY_BYTES = 24;

    // Index: rows of groups, then their bodies.
    static final int GROUP_HIGH = 0;
    static final int GROUP_MIDDLE = 8;
    static final int GROUP_LOW = 16;
    static final int GROUP_LSN = 24;
    static final int GROUP_OFFSET = 32;
    static final int GROUP_CONTINUED = 40;
    static final int GROUP_BODY = 48;
    static final int GROUP_FILTER_BYTES = 52;
    static final int GROUP_BLOCKS = 56;
    static final int GROUP_FORM = 58;
    static final int GROUP_FLAGS = 59;
    static final int GROUP_ZERO = 60;
    static final int GROUP_BYTES = 64;

    static final int MAX_GROUP_BLOCKS = 64;
    static final int GROUP_SHIFT = 6;

    /** Block i begins with the group's {@code low} plus i, and the group's LSN. */
    static final int FORM_DENSE = 0;

    /** Each block's {@code low} less the group's, a uint32; all have the group's LSN. */
    static final int FORM_NEAR = 1;

    /** Each block's {@code low} and LSN. */
    static final int FORM_FAR = 2;

    static final int NEAR_BYTES = 4;
    static final int FAR_BYTES = 16;

    /** The blocks' lengths are uint32, not uint16. */
    static final int FLAG_WIDE = 1;

    /** Each block is one page: its content is the page, its key and LSN stand in the index. */
    static final int FLAG_PAGES = 2;

    // Footer: the object's last bytes.
    /** "FIRNLEND". */
    static final long FOOTER_MAGIC = 0x444E454C_4E524946L;

    static final int FOOTER_VERSION = 8;
    static final int FOOTER_KIND = 12;
    static final int FOOTER_EPOCH = 16;
    static final int FOOTER_NUMBER = 24;
    static final int FOOTER_FROM_LSN = 32;
    static final int FOOTER_TO_LSN = 40;
    static final int FOOTER_KEYS = 48;
    static final int FOOTER_INDEX_OFFSET = 96;
    static final int FOOTER_ENTRIES = 104;
    static final int FOOTER_CONTENT_BYTES = 112;
    static final int FOOTER_GROUPS = 120;
    static final int FOOTER_INDEX_CHECKSUM = 124;
    static final int FOOTER_IDENTITY = 128;
    static final int FOOTER_CHECKSUM = 132;
    static final int FOOTER_BYTES = 136;

    private LayerFormat() {}

    /** What a group's form takes for each block's key. */
    static int keyBytes(final int form) {
        return switch (form) {
            case FORM_DENSE -> 0;
            case FORM_NEAR -> NEAR_BYTES;
            default -> FAR_BYTES;
        };
    }

    /** What each block's length takes. */
    static int lengthBytes(final int flags) {
        return (flags & FLAG_WIDE) != 0 ? Integer.BYTES : Short.BYTES;
    }

    /** Tells one timeline's layer from all others: the checksum of each block begins with it, so that no block is taken for another. */
    static int identity(final String timeline, final LayerName name) {
        final byte[] place = timeline.getBytes(StandardCharsets.UTF_8);
        final ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES + place.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(name.epoch())
                .putLong(name.number())
                .put(place);
        return Crc32c.compute(bytes.array(), 0, bytes.position());
    }
}
