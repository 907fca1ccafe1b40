package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.ingest.IngestStep;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.memory.MemoryTableConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Fills a timeline's memory tables: first with what its base backup has besides pages, then with its WAL. A full table, or one that has grown old, is
 * frozen and handed on, and the next one begun; when too many wait to become layers, WAL has to wait. Belongs to the shard's thread.
 */
final class TimelineIngest implements AutoCloseable {
    private static final Logger LOG = System.getLogger(TimelineIngest.class.getPackageName());
    private static final MemoryTag TAG = MemoryTag.of("ingest-wal");

    /** WAL is taken in portions of at most so much: what one feed copies. */
    private static final int FEED_BYTES = 1 << 20;

    private static final int RECORDS_A_STEP = 512;
    private static final int IMPORTS_A_STEP = 64;

    private final Timeline timeline;
    private final OffHeapMemory memory;
    private final MemoryTableConfig tables;
    private final int frozenTables;
    private final long tableAgeNs;
    private final Clock clock;
    private final LongChains longChains;
    private final Frozen frozen;
    private final MemorySegment wal;
    private boolean begun;
    private HeldTable active;
    private long activeSinceNs;
    private boolean wantsWal = true;
    private boolean waitsForTable;
    private boolean flushWanted;

    /** Takes a frozen memory table, to have layers made of it. */
    @FunctionalInterface
    interface Frozen {
        /** @param uploadedLsn up to where all is in layers when this table is; 0 as long as the import is not done. */
        void onFrozen(HeldTable table, long uploadedLsn);
    }

    TimelineIngest(
            final Timeline timeline,
            final ShardConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final LongChains longChains,
            final Frozen frozen) {
        this.timeline = timeline;
        this.memory = memory;
        this.tables = config.table();
        this.frozenTables = config.frozenTables();
        this.tableAgeNs = config.tableAgeNs();
        this.clock = clock;
        this.longChains = longChains;
        this.frozen = frozen;
        this.wal = memory.allocate(FEED_BYTES, TAG);
    }

    /** Begins with a base backup; its entries lie at the LSN where it starts. */
    void beginImport(final long startLsn) {
        timeline.input().beginImport();
        begin(new MemoryTable(memory, tables, startLsn - 1));
    }

    /** Begins to take WAL. */
    void beginIngest(final long startLsn) {
        if (active == null) {
            begin(new MemoryTable(memory, tables, startLsn));
        }
        timeline.input().begin(startLsn, active.table(), longChains);
        begun = true;
    }

    private void begin(final MemoryTable table) {
        table.owe(timeline.input().sealBytes());
        active = new HeldTable(table);
        activeSinceNs = clock.nanoTime();
        timeline.add(active);
    }

    /** Goes on with the import; true when it is done. */
    boolean importOn() {
        if (waitsForTable) {
            final MemoryTable next = nextTable(active.table().startLsn());
            if (next == null) {
                return false;
            }
            rotate(0, next);
        }
        if (timeline.input().importOn(active.table(), IMPORTS_A_STEP)) {
            waitsForTable = true;
            return false;
        }
        return timeline.input().isImported();
    }

    /** From where WAL is wanted. */
    long neededLsn() {
        return timeline.input().neededLsn();
    }

    /** Up to where all is in the memory tables. */
    long appliedLsn() {
        return !begun ? timeline.branchLsn() : timeline.input().appliedLsn();
    }

    /** Takes WAL, as much as there is room for; returns how many bytes. */
    int feed(final long lsn, final MemorySegment bytes, final long offset, final int length) {
        if (!wantsWal || length == 0) {
            return 0;
        }
        final int taken = Math.min(length, FEED_BYTES);
        MemorySegment.copy(bytes, offset, wal, 0, taken);
        timeline.input().feed(lsn, wal, 0, taken);
        wantsWal = false;
        return taken;
    }

    /** The active table is to become layers soon, whatever its age. */
    void flush() {
        flushWanted = true;
    }

    /** Goes on with what was fed; returns how much was done. */
    int work(final long nowNs) {
        if (waitsForTable && !rotateSealed()) {
            return 0;
        }
        final MemoryTable table = active.table();
        if (timeline.input().appliedLsn() > table.startLsn() && (flushWanted || nowNs - activeSinceNs >= tableAgeNs)) {
            if (!rotateSealed()) {
                return 0;
            }
            flushWanted = false;
        }
        if (wantsWal) {
            return 0;
        }
        final IngestStep step = timeline.input().step(RECORDS_A_STEP);
        switch (step) {
            case NEEDS_WAL -> wantsWal = true;
            case FULL -> waitsForTable = true;
            case MORE -> {}
        }
        return 1;
    }

    private boolean rotateSealed() {
        final MemoryTable next = nextTable(timeline.input().appliedLsn());
        if (next == null) {
            waitsForTable = true;
            return false;
        }
        timeline.input().seal();
        rotate(timeline.input().appliedLsn(), next);
        timeline.input().table(next);
        return true;
    }

    /** Null when as many as are allowed are waiting, or reads still use those that waited. */
    private MemoryTable nextTable(final long startLsn) {
        if (timeline.tables() > frozenTables) {
            return null;
        }
        try {
            return new MemoryTable(memory, tables, startLsn);
        } catch (final OutOfOffHeapMemoryException e) {
            LOG.log(Level.DEBUG, "a memory table of {0} has to wait: {1}", timeline.name(), e.getMessage());
            return null;
        }
    }

    private void rotate(final long uploadedLsn, final MemoryTable next) {
        active.table().freeze();
        frozen.onFrozen(active, uploadedLsn);
        waitsForTable = false;
        begin(next);
    }

    /** The keys that want an image. */
    LongChains longChains() {
        return longChains;
    }

    /** Adds an image, if it still belongs to the table that is written and there is room. */
    void insertImage(final KeyRead read) {
        active.table().insertImage(read.askedHigh, read.askedMiddle, read.askedLow, read.version, read.page, 0);
    }

    @Override
    public void close() {
        memory.free(wal);
    }
}
