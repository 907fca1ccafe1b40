package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.FOOTER_KEYS;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** What a layer's footer says. */
record LayerFooter(
        LayerScope scope, int identity, KeyRange keys, long indexOffset, long entries, long contentBytes, int groups) {
    /** Writes it, and returns its checksum. */
    int put(final MemorySegment bytes, final long at, final int indexChecksum) {
        LittleEndian.putLong(bytes, at, LayerFormat.FOOTER_MAGIC);
        LittleEndian.putInt(bytes, at + LayerFormat.FOOTER_VERSION, LayerFormat.VERSION);
        LittleEndian.putInt(bytes, at + LayerFormat.FOOTER_KIND, scope.kind().number());
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_EPOCH, scope.name().epoch());
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_NUMBER, scope.name().number());
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_FROM_LSN, scope.fromLsn());
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_TO_LSN, scope.toLsn());
        LittleEndian.putLong(bytes, at + FOOTER_KEYS, keys.fromHigh());
        LittleEndian.putLong(bytes, at + FOOTER_KEYS + 8, keys.fromMiddle());
        LittleEndian.putLong(bytes, at + FOOTER_KEYS + 16, keys.fromLow());
        LittleEndian.putLong(bytes, at + FOOTER_KEYS + 24, keys.toHigh());
        LittleEndian.putLong(bytes, at + FOOTER_KEYS + 32, keys.toMiddle());
        LittleEndian.putLong(bytes, at + FOOTER_KEYS + 40, keys.toLow());
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_INDEX_OFFSET, indexOffset);
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_ENTRIES, entries);
        LittleEndian.putLong(bytes, at + LayerFormat.FOOTER_CONTENT_BYTES, contentBytes);
        LittleEndian.putInt(bytes, at + LayerFormat.FOOTER_GROUPS, groups);
        LittleEndian.putInt(bytes, at + LayerFormat.FOOTER_INDEX_CHECKSUM, indexChecksum);
        LittleEndian.putInt(bytes, at + LayerFormat.FOOTER_IDENTITY, identity);
        final int checksum = Crc32c.compute(bytes, at, LayerFormat.FOOTER_CHECKSUM);
        LittleEndian.putInt(bytes, at + LayerFormat.FOOTER_CHECKSUM, checksum);
        return checksum;
    }
}
