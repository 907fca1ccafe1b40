package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import java.util.Objects;

/**
 * The bits of the visibility map (access/visibilitymapdefs.h, visibilitymap.c): two for each heap block, from the lowest of each byte,
 * over the whole page behind its header. It says nothing about LSNs: whoever changes a bit knows which record does.
 *
 * <p>Block numbers are uint32 in an int.
 */
public final class VisibilityMap {
    /** Every tuple of the heap block is visible to everyone. */
    public static final int ALL_VISIBLE = 0x01;

    /** Every tuple of the heap block is frozen. */
    public static final int ALL_FROZEN = 0x02;

    /** VISIBILITYMAP_VALID_BITS. */
    public static final int VALID_BITS = ALL_VISIBLE | ALL_FROZEN;

    private static final int BITS_PER_BLOCK = 2;
    private static final int BLOCKS_PER_BYTE = Byte.SIZE / BITS_PER_BLOCK;
    private static final int MAP_BYTES = PageLayout.PAGE_BYTES - PageLayout.HEADER_BYTES;

    /** How many heap blocks a page of the map covers. */
    public static final int BLOCKS_PER_PAGE = MAP_BYTES * BLOCKS_PER_BYTE;

    private VisibilityMap() {}

    /** The map's block that has a heap block's bits. */
    public static int mapBlock(final int heapBlock) {
        return Integer.divideUnsigned(heapBlock, BLOCKS_PER_PAGE);
    }

    /** A heap block's bits, on the map page that has them. */
    public static int get(final PageFlyweight mapPage, final int heapBlock) {
        return LittleEndian.getUnsignedByte(mapPage.segment(), position(mapPage, heapBlock)) >>> shift(heapBlock)
                & VALID_BITS;
    }

    /** Adds bits, and says whether that changed anything. */
    public static boolean set(final PageFlyweight mapPage, final int heapBlock, final int bits) {
        if ((bits & ~VALID_BITS) != 0) {
            throw new IllegalArgumentException("visibility map bits " + bits);
        }
        final long position = position(mapPage, heapBlock);
        final int old = LittleEndian.getUnsignedByte(mapPage.segment(), position);
        LittleEndian.putByte(mapPage.segment(), position, old | bits << shift(heapBlock));
        return (old >>> shift(heapBlock) & bits) != bits;
    }

    /** Takes bits away, and says whether that changed anything. */
    public static boolean clear(final PageFlyweight mapPage, final int heapBlock, final int bits) {
        final long position = position(mapPage, heapBlock);
        final int old = LittleEndian.getUnsignedByte(mapPage.segment(), position);
        final int mask = (bits & VALID_BITS) << shift(heapBlock);
        LittleEndian.putByte(mapPage.segment(), position, old & ~mask);
        return (old & mask) != 0;
    }

    /** Clears the bits of a heap block and of all after it on this page: what truncating the heap to so many blocks asks for. */
    public static void clearFrom(final PageFlyweight mapPage, final int heapBlock) {
        final long position = position(mapPage, heapBlock);
        final int kept = (1 << shift(heapBlock)) - 1;
        LittleEndian.putByte(
                mapPage.segment(), position, LittleEndian.getUnsignedByte(mapPage.segment(), position) & kept);
        final long pageEnd = mapPage.base() + PageLayout.PAGE_BYTES;
        mapPage.segment().asSlice(position + 1, pageEnd - position - 1).fill((byte) 0);
    }

    private static long position(final PageFlyweight mapPage, final int heapBlock) {
        final int inPage = Integer.remainderUnsigned(heapBlock, BLOCKS_PER_PAGE);
        return mapPage.base() + PageLayout.HEADER_BYTES + Objects.checkIndex(inPage / BLOCKS_PER_BYTE, MAP_BYTES);
    }

    private static int shift(final int heapBlock) {
        return (heapBlock & BLOCKS_PER_BYTE - 1) * BITS_PER_BLOCK;
    }
}
