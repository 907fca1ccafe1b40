package dev.firn.walquorum.archive;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalEndReason;
import dev.firn.postgres.wal.WalPageCheck;
import dev.firn.postgres.wal.WalReaderConfig;
import java.lang.foreign.MemorySegment;

/**
 * Looks at the page headers of WAL that goes by in pieces. Zeroes may follow the last page of a segment that was switched from, up
 * to its end.
 */
final class PageGate {
    private final WalReaderConfig config;

    /** On the heap: 40 bytes, made once. */
    private final MemorySegment header = MemorySegment.ofArray(new byte[WalPageCheck.HEADER_BYTES]);

    private int gathered;
    private boolean zeroes;
    private String defect;

    PageGate(final WalReaderConfig config) {
        this.config = config;
    }

    /** Begins with another piece of a log, at the first byte of a page. */
    void begin() {
        gathered = 0;
        zeroes = false;
        defect = null;
    }

    /** Looks at the next piece; returns whether all is well so far. */
    boolean pass(final long lsn, final MemorySegment bytes, final long offset, final long lengthBytes) {
        long at = 0;
        while (at < lengthBytes && defect == null) {
            final long inPage = (lsn + at) % WalPageCheck.PAGE_BYTES;
            if (inPage < WalPageCheck.HEADER_BYTES) {
                final long portion = Math.min(WalPageCheck.HEADER_BYTES - inPage, lengthBytes - at);
                MemorySegment.copy(bytes, offset + at, header, inPage, portion);
                gathered = (int) (inPage + portion);
                if (gathered == WalPageCheck.HEADER_BYTES) {
                    look(lsn + at - inPage);
                }
                at += portion;
            } else {
                at += Math.min(WalPageCheck.PAGE_BYTES - inPage, lengthBytes - at);
            }
        }
        return defect == null;
    }

    private void look(final long page) {
        final WalEndReason reason = WalPageCheck.defect(header, 0, page, config);
        final boolean first = page % config.segmentBytes() == 0;
        if (first) {
            zeroes = false;
        }
        if (reason == WalEndReason.ZEROES && !first) {
            zeroes = true;
        } else if (reason != null) {
            defect = reason.sentence() + ", at " + Lsn.format(page);
        } else if (zeroes) {
            defect = "pages follow zeroes, at " + Lsn.format(page);
        }
    }

    /** What is wrong, as part of a sentence; null when all is well. */
    String defect() {
        return defect;
    }
}
