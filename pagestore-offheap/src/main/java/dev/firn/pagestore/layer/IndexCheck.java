package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.FLAG_PAGES;
import static dev.firn.pagestore.layer.LayerFormat.FLAG_WIDE;
import static dev.firn.pagestore.layer.LayerFormat.FOOTER_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.FOOTER_CHECKSUM;
import static dev.firn.pagestore.layer.LayerFormat.FORM_FAR;
import static dev.firn.pagestore.layer.LayerFormat.FORM_NEAR;
import static dev.firn.pagestore.layer.LayerFormat.GROUP_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.MAX_GROUP_BLOCKS;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Whether a layer's last bytes are the index and footer that they should be: afterwards every number in them can be used as it is. */
final class IndexCheck {
    private final LayerDescription layer;
    private final MemorySegment tail;
    private final long indexBytes;
    private final int groups;

    private long nextBody;
    private long nextOffset = LayerFormat.HEADER_BYTES;

    /** The block before. */
    private boolean any;

    private long high;
    private long middle;
    private long low;
    private long lsn;

    /** @throws MalformedLayerException when they are not. */
    IndexCheck(final LayerDescription layer, final int identity, final MemorySegment tail) {
        this.layer = layer;
        this.tail = tail;
        this.indexBytes = tail.byteSize() - FOOTER_BYTES;
        require(
                tail.byteSize() == layer.tailBytes() && indexBytes >= GROUP_BYTES,
                "index and footer have " + tail.byteSize() + " bytes");
        checkFooter(identity);
        final long count = LittleEndian.getUnsignedInt(tail, indexBytes + LayerFormat.FOOTER_GROUPS);
        require(
                count >= 1 && count <= indexBytes / GROUP_BYTES && count <= Integer.MAX_VALUE / MAX_GROUP_BLOCKS,
                count + " groups of blocks");
        groups = (int) count;
        nextBody = count * GROUP_BYTES;
        for (int i = 0; i < groups; i++) {
            checkGroup((long) i * GROUP_BYTES);
        }
        require(nextBody == indexBytes, "the index ends at " + nextBody + ", not at " + indexBytes);
        require(nextOffset == layer.indexOffset(), "the blocks end at " + nextOffset);
    }

    int groups() {
        return groups;
    }

    private void checkFooter(final int identity) {
        // Their places are for ever; where another version has its checksum is not known.
        require(footerLong(0) == LayerFormat.FOOTER_MAGIC, "it does not end with a layer's footer");
        require(
                footerInt(LayerFormat.FOOTER_VERSION) == LayerFormat.VERSION,
                "it is of version " + footerInt(LayerFormat.FOOTER_VERSION) + "; this program reads "
                        + LayerFormat.VERSION);
        final int checksum = LittleEndian.getInt(tail, indexBytes + FOOTER_CHECKSUM);
        final int found = Crc32c.compute(tail, indexBytes, FOOTER_CHECKSUM);
        require(
                found == checksum && found == layer.checksum(),
                "the footer's checksum is " + Integer.toHexString(found) + ", not "
                        + Integer.toHexString(layer.checksum()));
        require(
                footerInt(LayerFormat.FOOTER_IDENTITY) == identity
                        && footerLong(LayerFormat.FOOTER_EPOCH) == layer.name().epoch()
                        && footerLong(LayerFormat.FOOTER_NUMBER) == layer.name().number(),
                "the footer is another layer's");
        final KeyRange keys = layer.keys();
        final int at = LayerFormat.FOOTER_KEYS;
        require(
                footerInt(LayerFormat.FOOTER_KIND) == layer.kind().number()
                        && footerLong(LayerFormat.FOOTER_FROM_LSN) == layer.fromLsn()
                        && footerLong(LayerFormat.FOOTER_TO_LSN) == layer.toLsn()
                        && footerLong(LayerFormat.FOOTER_INDEX_OFFSET) == layer.indexOffset()
                        && footerLong(LayerFormat.FOOTER_ENTRIES) == layer.entries()
                        && footerLong(LayerFormat.FOOTER_CONTENT_BYTES) == layer.contentBytes()
                        && footerLong(at) == keys.fromHigh()
                        && footerLong(at + 8) == keys.fromMiddle()
                        && footerLong(at + 16) == keys.fromLow()
                        && footerLong(at + 24) == keys.toHigh()
                        && footerLong(at + 32) == keys.toMiddle()
                        && footerLong(at + 40) == keys.toLow(),
                "the footer does not say what the manifest says");
        final int index = Crc32c.compute(tail, 0, indexBytes);
        require(
                index == footerInt(LayerFormat.FOOTER_INDEX_CHECKSUM),
                "the index's checksum is "
                        + Integer.toHexString(index) + ", not "
                        + Integer.toHexString(footerInt(LayerFormat.FOOTER_INDEX_CHECKSUM)));
    }

    private void checkGroup(final long row) {
        final int blocks = LittleEndian.getUnsignedShort(tail, row + LayerFormat.GROUP_BLOCKS);
        final int form = LittleEndian.getUnsignedByte(tail, row + LayerFormat.GROUP_FORM);
        final int flags = LittleEndian.getUnsignedByte(tail, row + LayerFormat.GROUP_FLAGS);
        final long filterBytes = LittleEndian.getUnsignedInt(tail, row + LayerFormat.GROUP_FILTER_BYTES);
        final boolean pages = (flags & FLAG_PAGES) != 0;
        if (blocks < 1
                || blocks > MAX_GROUP_BLOCKS
                || form > FORM_FAR
                || (flags & ~(FLAG_PAGES | FLAG_WIDE)) != 0
                || LittleEndian.getInt(tail, row + LayerFormat.GROUP_ZERO) != 0
                || filterBytes % KeyFilter.BLOCK_BYTES != 0
                || pages != (filterBytes == 0)) {
            throw malformed("a group of " + blocks + " blocks of form " + form + " with flags " + flags
                    + " and a filter of " + filterBytes + " bytes");
        }
        final long body = nextBody;
        nextBody += blocks * (long) (LayerFormat.keyBytes(form) + LayerFormat.lengthBytes(flags)) + filterBytes;
        if (LittleEndian.getUnsignedInt(tail, row + LayerFormat.GROUP_BODY) != body || nextBody > indexBytes) {
            throw malformed("a group's body is not at " + body + ", or leaves the index");
        }
        if (LittleEndian.getLong(tail, row + LayerFormat.GROUP_OFFSET) != nextOffset) {
            throw malformed("a group's blocks are not at " + nextOffset);
        }
        final long lengths = body + (long) blocks * LayerFormat.keyBytes(form);
        for (int slot = 0; slot < blocks; slot++) {
            final long length = (flags & FLAG_WIDE) != 0
                    ? LittleEndian.getUnsignedInt(tail, lengths + (long) Integer.BYTES * slot)
                    : LittleEndian.getUnsignedShort(tail, lengths + (long) Short.BYTES * slot);
            if (length < LayerFormat.BLOCK_HEAD_BYTES
                    || length > Integer.MAX_VALUE
                    || nextOffset + length > layer.indexOffset()) {
                throw malformed("a block of " + length + " bytes at " + nextOffset);
            }
            nextOffset += length;
            checkBlock(row, body, form, pages, slot);
        }
    }

    private void checkBlock(final long row, final long body, final int form, final boolean pages, final int slot) {
        final long blockHigh = LittleEndian.getLong(tail, row + LayerFormat.GROUP_HIGH);
        final long blockMiddle = LittleEndian.getLong(tail, row + LayerFormat.GROUP_MIDDLE);
        final long groupLow = LittleEndian.getLong(tail, row + LayerFormat.GROUP_LOW);
        final long groupLsn = LittleEndian.getLong(tail, row + LayerFormat.GROUP_LSN);
        long blockLow = groupLow + slot;
        long blockLsn = groupLsn;
        if (form == FORM_NEAR) {
            blockLow = groupLow + LittleEndian.getUnsignedInt(tail, body + (long) LayerFormat.NEAR_BYTES * slot);
        } else if (form == FORM_FAR) {
            blockLow = LittleEndian.getLong(tail, body + (long) LayerFormat.FAR_BYTES * slot);
            blockLsn = LittleEndian.getLong(tail, body + (long) LayerFormat.FAR_BYTES * slot + Long.BYTES);
        }
        final boolean image = layer.kind() == LayerKind.IMAGE;
        if ((slot == 0 && (blockLow != groupLow || blockLsn != groupLsn))
                || !layer.keys().contains(blockHigh, blockMiddle, blockLow)
                || blockLsn > layer.toLsn()
                || (image ? blockLsn != layer.toLsn() : blockLsn <= layer.fromLsn())) {
            throw malformed("a block begins with " + PageKeys.describe(blockHigh, blockMiddle, blockLow) + " at LSN "
                    + Long.toHexString(blockLsn));
        }
        final int order = any ? PageKeys.compare(high, middle, low, blockHigh, blockMiddle, blockLow) : -1;
        final boolean continued = ((LittleEndian.getLong(tail, row + LayerFormat.GROUP_CONTINUED) >>> slot) & 1) != 0;
        if (order > 0 || (order == 0 && (pages || lsn > blockLsn || !continued)) || (continued && !any)) {
            throw malformed("a block that begins with " + PageKeys.describe(blockHigh, blockMiddle, blockLow)
                    + " is out of order");
        }
        any = true;
        high = blockHigh;
        middle = blockMiddle;
        low = blockLow;
        lsn = blockLsn;
    }

    private long footerLong(final int field) {
        return LittleEndian.getLong(tail, indexBytes + field);
    }

    private int footerInt(final int field) {
        return LittleEndian.getInt(tail, indexBytes + field);
    }

    private MalformedLayerException malformed(final String what) {
        return new MalformedLayerException("layer " + layer.name() + ": " + what);
    }

    private void require(final boolean right, final String what) {
        if (!right) {
            throw malformed(what);
        }
    }
}
