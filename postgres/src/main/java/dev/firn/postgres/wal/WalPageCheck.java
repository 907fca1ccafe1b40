package dev.firn.postgres.wal;

import java.lang.foreign.MemorySegment;

/**
 * Whether bytes are the WAL page that should be at a position, by the page's header alone: for who carries whole pages and reads no
 * records. The checks are those of {@link WalReader}.
 */
public final class WalPageCheck {
    /** How long a WAL page is. */
    public static final int PAGE_BYTES = WalLayout.PAGE_BYTES;

    /** How many bytes of a page {@link #defect} looks at. */
    public static final int HEADER_BYTES = WalLayout.LONG_HEADER_BYTES;

    private WalPageCheck() {}

    /**
     * Says what is wrong with a page.
     *
     * @param bytes borrowed for the call; {@link #HEADER_BYTES} from the offset on.
     * @param lsn where the page should be.
     * @return null for nothing; {@link WalEndReason#ZEROES} when nothing was written, as in the rest of a segment that was switched from.
     */
    public static WalEndReason defect(
            final MemorySegment bytes, final long offset, final long lsn, final WalReaderConfig config) {
        final int magic = Short.toUnsignedInt(bytes.get(WalLayout.SHORT, offset + WalLayout.PAGE_MAGIC));
        if (magic != config.version().walPageMagic()) {
            return isZero(bytes, offset) ? WalEndReason.ZEROES : WalEndReason.WRONG_PAGE_MAGIC;
        }
        final int info = Short.toUnsignedInt(bytes.get(WalLayout.SHORT, offset + WalLayout.PAGE_INFO));
        final boolean longHeader = (info & WalLayout.LONG_HEADER) != 0;
        if ((info & ~WalLayout.ALL_PAGE_FLAGS) != 0 || (lsn % config.segmentBytes() == 0 && !longHeader)) {
            return WalEndReason.INVALID_PAGE_FLAGS;
        }
        if (longHeader) {
            final long system = bytes.get(WalLayout.LONG, offset + WalLayout.PAGE_SYSTEM);
            if (config.systemIdentifier() != 0 && system != config.systemIdentifier()) {
                return WalEndReason.WRONG_SYSTEM;
            }
            if (bytes.get(WalLayout.INT, offset + WalLayout.PAGE_SEGMENT_BYTES) != config.segmentBytes()) {
                return WalEndReason.WRONG_SEGMENT_SIZE;
            }
            if (bytes.get(WalLayout.INT, offset + WalLayout.PAGE_BLOCK_BYTES) != WalLayout.PAGE_BYTES) {
                return WalEndReason.WRONG_PAGE_SIZE;
            }
        }
        return bytes.get(WalLayout.LONG, offset + WalLayout.PAGE_ADDRESS) == lsn ? null : WalEndReason.STALE_PAGE;
    }

    private static boolean isZero(final MemorySegment bytes, final long offset) {
        long all = 0;
        for (int i = 0; i < HEADER_BYTES; i += Long.BYTES) {
            all |= bytes.get(WalLayout.LONG, offset + i);
        }
        return all == 0;
    }

    /** The timeline that a page's header names, unsigned: that of the page's first byte, or of the first record on it. */
    public static int timeline(final MemorySegment bytes, final long offset) {
        return bytes.get(WalLayout.INT, offset + WalLayout.PAGE_TIMELINE);
    }
}
