package dev.firn.bench.pages;

import dev.firn.pagestore.ingest.IngestStep;
import dev.firn.pagestore.ingest.LongChainHandler;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.simulation.InventedInput;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/** Fills memory tables from {@link GeneratedPages}: the bytes that are fed say only how far. Nobody hears of long chains: they are what is measured. */
final class GeneratedInput implements InventedInput {
    /** What an entry takes besides its payload, and more. */
    private static final long ROOM_BYTES = 256;

    private static final int TOUCH = 0;

    private final GeneratedPages pages;
    private MemoryTable table;
    private long appliedLsn = GeneratedPages.START_LSN;
    private long fedLsn = GeneratedPages.START_LSN;

    GeneratedInput(final GeneratedPages pages) {
        this.pages = pages;
    }

    @Override
    public void load(final Entry entry) {
        throw new IllegalStateException("the log has pages alone, and begins anew in each run");
    }

    @Override
    public boolean importOn(final MemoryTable into, final int limit) {
        return false;
    }

    @Override
    public boolean isImported() {
        return true;
    }

    @Override
    public void begin(final long startLsn, final MemoryTable first, final LongChainHandler longChains) {
        table = first;
        appliedLsn = startLsn;
        fedLsn = startLsn;
    }

    @Override
    public long neededLsn() {
        return fedLsn;
    }

    @Override
    public void feed(final long lsn, final MemorySegment bytes, final long offset, final long lengthBytes) {
        fedLsn = Math.min(pages.endLsn(), Math.max(fedLsn, lsn + lengthBytes));
    }

    @Override
    public IngestStep step(final int limit) {
        for (int left = limit; appliedLsn + GeneratedPages.LSN_STEP <= fedLsn; left--) {
            if (left == 0) {
                return IngestStep.MORE;
            }
            final long record = (appliedLsn - GeneratedPages.START_LSN) / GeneratedPages.LSN_STEP;
            if (!table.hasRoom(PageLayout.PAGE_BYTES + ROOM_BYTES, 2)) {
                return IngestStep.FULL;
            }
            add(record, appliedLsn, appliedLsn + GeneratedPages.LSN_STEP);
            appliedLsn += GeneratedPages.LSN_STEP;
            table.endLsn(appliedLsn);
        }
        return IngestStep.NEEDS_WAL;
    }

    private void add(final long record, final long lsn, final long endLsn) {
        final int block = pages.blockOf(record);
        final long low = GeneratedPages.low(block);
        if (pages.isImage(record)) {
            final MemorySegment page = MemorySegment.ofArray(GeneratedPages.page(block));
            table.add(
                    GeneratedPages.HIGH,
                    GeneratedPages.MIDDLE,
                    low,
                    endLsn,
                    EntryKind.IMAGE | EntryKind.STANDS_ALONE,
                    page,
                    0,
                    PageLayout.PAGE_BYTES);
        } else {
            final byte[] change = pages.change(record);
            final long at = table.keepRecord(MemorySegment.ofArray(change), 0, change.length, lsn, endLsn);
            table.addRecord(GeneratedPages.HIGH, GeneratedPages.MIDDLE, low, EntryKind.RECORD, TOUCH, at);
        }
    }

    @Override
    public int sealBytes() {
        return 0;
    }

    @Override
    public void seal() {
        // A next owner would have nothing to know.
    }

    @Override
    public void table(final MemoryTable next) {
        table = next;
    }

    @Override
    public long appliedLsn() {
        return appliedLsn;
    }

    @Override
    public long floorLsn(final long high, final long middle, final long low, final long atLsn) {
        return 0;
    }

    @Override
    public long floorSource(final long high, final long middle, final long low, final long floorLsn) {
        throw new IllegalStateException("there are no floors");
    }

    @Override
    public long[] copyLsns() {
        return new long[0];
    }
}
