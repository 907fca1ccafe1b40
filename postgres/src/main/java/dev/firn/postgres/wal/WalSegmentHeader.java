package dev.firn.postgres.wal;

import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;

/**
 * What the first bytes of a segment file say of the log: the long page header.
 *
 * @param timeline of the first record on the page, which may be older than the one in the file's name.
 * @param address the LSN of the segment's first byte.
 */
public record WalSegmentHeader(
        PostgresVersion version, int timeline, long address, long systemIdentifier, int segmentBytes) {
    /** How many bytes {@link #read} wants. */
    public static final int BYTES = WalLayout.LONG_HEADER_BYTES;

    /**
     * Reads a header.
     *
     * @param bytes borrowed for the call; {@link #BYTES} from the offset on.
     * @return null when this is not the start of a segment of a supported version.
     */
    public static WalSegmentHeader read(final MemorySegment bytes, final long offset) {
        final int magic = Short.toUnsignedInt(bytes.get(WalLayout.SHORT, offset + WalLayout.PAGE_MAGIC));
        final PostgresVersion version = PostgresVersion.ofWalPageMagic(magic);
        final int info = bytes.get(WalLayout.SHORT, offset + WalLayout.PAGE_INFO);
        final int segmentBytes = bytes.get(WalLayout.INT, offset + WalLayout.PAGE_SEGMENT_BYTES);
        final long address = bytes.get(WalLayout.LONG, offset + WalLayout.PAGE_ADDRESS);
        if (version == null
                || (info & WalLayout.LONG_HEADER) == 0
                || (info & ~WalLayout.ALL_PAGE_FLAGS) != 0
                || !WalSegments.isValidSize(segmentBytes)
                || bytes.get(WalLayout.INT, offset + WalLayout.PAGE_BLOCK_BYTES) != WalLayout.PAGE_BYTES
                || address % segmentBytes != 0) {
            return null;
        }
        return new WalSegmentHeader(
                version,
                bytes.get(WalLayout.INT, offset + WalLayout.PAGE_TIMELINE),
                address,
                bytes.get(WalLayout.LONG, offset + WalLayout.PAGE_SYSTEM),
                segmentBytes);
    }
}
