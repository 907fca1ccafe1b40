package dev.firn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class WalPageCheckTest {
    private static final int SEGMENT = 1 << 20;
    private static final long SYSTEM = 77;
    private static final WalReaderConfig CONFIG =
            WalReaderConfig.of(PostgresVersion.V17, SEGMENT).withSystemIdentifier(SYSTEM);

    private static MemorySegment page(final long lsn, final int info) {
        final MemorySegment page = MemorySegment.ofArray(new byte[WalPageCheck.PAGE_BYTES]);
        page.set(WalLayout.SHORT, WalLayout.PAGE_MAGIC, (short) PostgresVersion.V17.walPageMagic());
        page.set(WalLayout.SHORT, WalLayout.PAGE_INFO, (short) info);
        page.set(WalLayout.INT, WalLayout.PAGE_TIMELINE, 3);
        page.set(WalLayout.LONG, WalLayout.PAGE_ADDRESS, lsn);
        page.set(WalLayout.LONG, WalLayout.PAGE_SYSTEM, SYSTEM);
        page.set(WalLayout.INT, WalLayout.PAGE_SEGMENT_BYTES, SEGMENT);
        page.set(WalLayout.INT, WalLayout.PAGE_BLOCK_BYTES, WalPageCheck.PAGE_BYTES);
        return page;
    }

    private static WalEndReason defect(final MemorySegment page, final long lsn) {
        return WalPageCheck.defect(page, 0, lsn, CONFIG);
    }

    @Test
    void shouldTakeThePageThatBelongsThere() {
        final MemorySegment first = page(5L * SEGMENT, WalLayout.LONG_HEADER | WalLayout.FIRST_IS_CONTRECORD);
        assertThat(defect(first, 5L * SEGMENT)).isNull();
        assertThat(WalPageCheck.timeline(first, 0)).isEqualTo(3);
        assertThat(defect(page(5L * SEGMENT + 8192, 0), 5L * SEGMENT + 8192)).isNull();
    }

    @Test
    void shouldSayWhatIsWrongWithAPage() {
        final long lsn = 5L * SEGMENT;
        assertThat(defect(page(lsn + 8192, WalLayout.LONG_HEADER), lsn)).isEqualTo(WalEndReason.STALE_PAGE);
        assertThat(defect(page(lsn, 0), lsn)).isEqualTo(WalEndReason.INVALID_PAGE_FLAGS);
        assertThat(defect(page(lsn + 8192, 0x100), lsn + 8192)).isEqualTo(WalEndReason.INVALID_PAGE_FLAGS);
        assertThat(defect(MemorySegment.ofArray(new byte[64]), lsn)).isEqualTo(WalEndReason.ZEROES);
        final MemorySegment magic = page(lsn, WalLayout.LONG_HEADER);
        magic.set(WalLayout.SHORT, WalLayout.PAGE_MAGIC, (short) PostgresVersion.V15.walPageMagic());
        assertThat(defect(magic, lsn)).isEqualTo(WalEndReason.WRONG_PAGE_MAGIC);
        final MemorySegment system = page(lsn, WalLayout.LONG_HEADER);
        system.set(WalLayout.LONG, WalLayout.PAGE_SYSTEM, SYSTEM + 1);
        assertThat(defect(system, lsn)).isEqualTo(WalEndReason.WRONG_SYSTEM);
        final MemorySegment segment = page(lsn, WalLayout.LONG_HEADER);
        segment.set(WalLayout.INT, WalLayout.PAGE_SEGMENT_BYTES, 2 * SEGMENT);
        assertThat(defect(segment, lsn)).isEqualTo(WalEndReason.WRONG_SEGMENT_SIZE);
        final MemorySegment block = page(lsn, WalLayout.LONG_HEADER);
        block.set(WalLayout.INT, WalLayout.PAGE_BLOCK_BYTES, 4096);
        assertThat(defect(block, lsn)).isEqualTo(WalEndReason.WRONG_PAGE_SIZE);
    }
}
