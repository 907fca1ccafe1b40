package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.FLAG_PAGES;
import static dev.firn.pagestore.layer.LayerFormat.FLAG_WIDE;
import static dev.firn.pagestore.layer.LayerFormat.FORM_DENSE;
import static dev.firn.pagestore.layer.LayerFormat.FORM_FAR;
import static dev.firn.pagestore.layer.LayerFormat.FORM_NEAR;
import static dev.firn.pagestore.layer.LayerFormat.GROUP_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.MAX_GROUP_BLOCKS;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * Gathers a layer's index: blocks in groups of up to 64 that share class, tablespace, database and relation; each group in the shortest form that
 * says its blocks' keys, with a filter over all its keys unless it knows them anyway.
 */
final class IndexBuilder implements AutoCloseable {
    private static final MemoryTag INDEX = MemoryTag.of("layer-index-build");

    /** Bodies, rows, hashes and their doubled copies: when the index alone takes this share of its limit, the layer ends. */
    private static final int NEARLY_FULL_SHARE = 2;

    private static final int MAX_NARROW = 0xFFFF;
    private static final long MAX_NEAR = 0xFFFF_FFFFL;

    private final int filterBits;
    private final long nearlyFullBytes;
    private final GrowingBuffer rows;
    private final GrowingBuffer bodies;
    private final GrowingBuffer hashes;
    private int groups;

    // The group under way.
    private final long[] lows = new long[MAX_GROUP_BLOCKS];
    private final long[] lsns = new long[MAX_GROUP_BLOCKS];
    private final int[] lengths = new int[MAX_GROUP_BLOCKS];
    private int blocks;
    private boolean pages;
    private long high;
    private long middle;
    private long offset;
    private long continued;

    IndexBuilder(final OffHeapMemory memory, final LayerConfig config) {
        filterBits = config.filterBits();
        nearlyFullBytes = config.maxIndexBytes() / NEARLY_FULL_SHARE;
        rows = new GrowingBuffer(memory, INDEX, config.maxIndexBytes());
        bodies = new GrowingBuffer(memory, INDEX, config.maxIndexBytes());
        hashes = new GrowingBuffer(memory, INDEX, config.maxIndexBytes());
    }

    int groups() {
        return groups;
    }

    boolean isNearlyFull() {
        return rows.length() + bodies.length() + hashes.length() >= nearlyFullBytes;
    }

    /** A block begins with this entry. */
    void beginBlock(final Entry first, final boolean page, final boolean goesOn) {
        if (blocks > 0
                && (blocks == MAX_GROUP_BLOCKS || pages != page || high != first.high() || middle != first.middle())) {
            endGroup();
        }
        if (blocks == 0) {
            high = first.high();
            middle = first.middle();
            pages = page;
        }
        lows[blocks] = first.low();
        lsns[blocks] = first.lsn();
        if (goesOn) {
            continued |= 1L << blocks;
        }
    }

    /** A key that is in the block under way, for the filter. */
    void addKey(final long hash) {
        final long at = hashes.reserve(Long.BYTES);
        LittleEndian.putLong(hashes.segment(), at, hash);
    }

    /** The block that was begun is at this place, and so long. */
    void endBlock(final long blockOffset, final int lengthBytes) {
        if (blocks == 0) {
            offset = blockOffset;
        }
        lengths[blocks++] = lengthBytes;
    }

    /** Ends the index, and appends it. */
    void writeTo(final GrowingBuffer output) {
        if (blocks > 0) {
            endGroup();
        }
        for (int i = 0; i < groups; i++) {
            final long body = (long) i * GROUP_BYTES + LayerFormat.GROUP_BODY;
            LittleEndian.putInt(
                    rows.segment(), body, (int) (LittleEndian.getUnsignedInt(rows.segment(), body) + rows.length()));
        }
        output.append(rows.segment(), 0, rows.length());
        if (bodies.length() > 0) {
            output.append(bodies.segment(), 0, bodies.length());
        }
    }

    private void endGroup() {
        final int form = form();
        final int flags = (isWide() ? FLAG_WIDE : 0) | (pages ? FLAG_PAGES : 0);
        final int filterBytes = pages ? 0 : (int) KeyFilter.bytes(hashes.length() / Long.BYTES, filterBits);
        final long body = bodies.reserve(
                blocks * (long) (LayerFormat.keyBytes(form) + LayerFormat.lengthBytes(flags)) + filterBytes);
        putRow(form, flags, body, filterBytes);
        final MemorySegment bytes = bodies.segment();
        long at = body;
        for (int i = 0; i < blocks; i++) {
            if (form == FORM_NEAR) {
                LittleEndian.putInt(bytes, at, (int) (lows[i] - lows[0]));
            } else if (form == FORM_FAR) {
                LittleEndian.putLong(bytes, at, lows[i]);
                LittleEndian.putLong(bytes, at + Long.BYTES, lsns[i]);
            }
            at += LayerFormat.keyBytes(form);
        }
        for (int i = 0; i < blocks; i++) {
            if ((flags & FLAG_WIDE) != 0) {
                LittleEndian.putInt(bytes, at, lengths[i]);
            } else {
                LittleEndian.putShort(bytes, at, lengths[i]);
            }
            at += LayerFormat.lengthBytes(flags);
        }
        if (filterBytes > 0) {
            bytes.asSlice(at, filterBytes).fill((byte) 0);
            for (long hash = 0; hash < hashes.length(); hash += Long.BYTES) {
                KeyFilter.add(bytes, at, filterBytes, LittleEndian.getLong(hashes.segment(), hash));
            }
        }
        hashes.clear();
        blocks = 0;
        continued = 0;
        groups++;
    }

    private void putRow(final int form, final int flags, final long body, final int filterBytes) {
        final long row = rows.reserve(GROUP_BYTES);
        final MemorySegment bytes = rows.segment();
        LittleEndian.putLong(bytes, row + LayerFormat.GROUP_HIGH, high);
        LittleEndian.putLong(bytes, row + LayerFormat.GROUP_MIDDLE, middle);
        LittleEndian.putLong(bytes, row + LayerFormat.GROUP_LOW, lows[0]);
        LittleEndian.putLong(bytes, row + LayerFormat.GROUP_LSN, lsns[0]);
        LittleEndian.putLong(bytes, row + LayerFormat.GROUP_OFFSET, offset);
        LittleEndian.putLong(bytes, row + LayerFormat.GROUP_CONTINUED, continued);
        // Becomes an offset within the index when it is known how many rows there are.
        LittleEndian.putInt(bytes, row + LayerFormat.GROUP_BODY, (int) body);
        LittleEndian.putInt(bytes, row + LayerFormat.GROUP_FILTER_BYTES, filterBytes);
        LittleEndian.putShort(bytes, row + LayerFormat.GROUP_BLOCKS, blocks);
        LittleEndian.putByte(bytes, row + LayerFormat.GROUP_FORM, form);
        LittleEndian.putByte(bytes, row + LayerFormat.GROUP_FLAGS, flags);
        LittleEndian.putInt(bytes, row + LayerFormat.GROUP_ZERO, 0);
    }

    private int form() {
        boolean dense = true;
        boolean near = true;
        for (int i = 1; i < blocks; i++) {
            dense &= lows[i] == lows[0] + i && lsns[i] == lsns[0];
            near &= Long.compareUnsigned(lows[i] - lows[0], MAX_NEAR) <= 0 && lsns[i] == lsns[0];
        }
        if (dense) {
            return FORM_DENSE;
        }
        return near ? FORM_NEAR : FORM_FAR;
    }

    private boolean isWide() {
        boolean wide = false;
        for (int i = 0; i < blocks; i++) {
            wide |= lengths[i] > MAX_NARROW;
        }
        return wide;
    }

    @Override
    public void close() {
        rows.close();
        bodies.close();
        hashes.close();
    }
}
