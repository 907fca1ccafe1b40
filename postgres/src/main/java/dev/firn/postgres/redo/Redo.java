package dev.firn.postgres.redo;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalOperations;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/**
 * Applies WAL records to relation pages: every record of every built-in resource manager.
 *
 * <p>Use: {@link #touchedPages} says which pages a record touches, and {@link #apply} changes one of them. Both depend on
 * nothing but their arguments and {@link #hintBitsLogged}. The order among a record's pages doesn't matter; the order of the records of one
 * page does.
 *
 * <p>The rules of XLogReadBufferForRedoExtended (xlogutils.c) are here: an image that is to be applied replaces the page whatever its LSN; a
 * page that the record makes anew begins as zeroes; any other is changed only when its LSN is below the record's end, which then becomes its
 * LSN. Clearing bits of a page of the visibility map that the record did not register knows no LSN: it is done whenever the record says so,
 * and leaves the map's LSN alone.
 *
 * <p>One thread owns an instance. It owns three pages of scratch memory, and nothing else.
 */
public final class Redo implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("redo");
    private static final int SCRATCH_PAGES = 3;

    // Storage's TRUNCATE: xl_smgr_truncate of catalog/storage_xlog.h.
    private static final int STORAGE_TRUNCATE = 0x20;
    private static final int TRUNCATE_VISIBILITY_MAP = 0x0002;
    private static final int TRUNCATE_BYTES = 20;

    private final OffHeapMemory memory;
    private final MemorySegment scratch;
    private final PageImages images;
    private final RedoContext context;
    private final PageRedo[] managers;
    private final TouchedPages touched = new TouchedPages();
    private final RecordData data = new RecordData();

    /** Redo of a version's records, with scratch memory from {@code memory}. */
    public Redo(final PostgresVersion version, final OffHeapMemory memory) {
        this(version, memory, PageRedos.of(version));
    }

    /** Redo by these resource managers: by id, null for those that change no relation page. */
    Redo(final PostgresVersion version, final OffHeapMemory memory, final PageRedo[] managers) {
        this.memory = memory;
        this.scratch = memory.allocate((long) SCRATCH_PAGES * PageLayout.PAGE_BYTES, TAG);
        this.images = new PageImages(scratch.asSlice(0, PageLayout.PAGE_BYTES));
        this.context = new RedoContext(
                version,
                scratch.asSlice(PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES),
                scratch.asSlice(2L * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES));
        this.managers = managers.clone();
    }

    @Override
    public void close() {
        images.close();
        memory.free(scratch);
    }

    /**
     * Sets whether page checksums or {@code wal_log_hints} are on in the cluster that wrote the log, as its control file says: then marking
     * a heap page all-visible moves its LSN. Off at first.
     */
    public void hintBitsLogged(final boolean logged) {
        context.hintBitsLogged(logged);
    }

    /**
     * The pages that a record touches.
     *
     * @return what the next call overwrites.
     * @throws RedoException when the record contradicts itself.
     */
    public TouchedPages touchedPages(final WalRecord record) {
        touched.clear();
        final int manager = record.resourceManagerId();
        final PageRedo redo = manager < managers.length ? managers[manager] : null;
        for (int block = 0; block <= record.maxBlockId(); block++) {
            if (record.hasBlock(block) && (redo == null || !redo.ignores(record, block))) {
                touched.addRegistered(record, block);
            }
        }
        try {
            if (manager == ResourceManager.STORAGE.id()) {
                addTruncatedMap(record);
            } else if (redo != null) {
                addMaps(record, redo.clearsAllVisible(record) | redo.clearsAllFrozen(record));
            }
        } catch (final MalformedDataException | IndexOutOfBoundsException e) {
            throw RedoException.of(record, "", e);
        }
        return touched;
    }

    private void addMaps(final WalRecord record, final long blocks) {
        for (long rest = blocks; rest != 0; rest &= rest - 1) {
            touched.addMapOf(record, Long.numberOfTrailingZeros(rest));
        }
    }

    private void addTruncatedMap(final WalRecord record) {
        if (!cutsMap(record)) {
            return;
        }
        touched.add(
                TouchedPages.TRUNCATED_MAP,
                data.intAt(4),
                data.intAt(8),
                data.intAt(12),
                Fork.VISIBILITY_MAP.number(),
                VisibilityMap.mapBlock(data.intAt(0)));
    }

    /** Whether a truncation ends within a page of the map. Leaves {@link #data} at the record's main data. */
    private boolean cutsMap(final WalRecord record) {
        if (record.operation() != STORAGE_TRUNCATE) {
            return false;
        }
        data.wrap(record.segment(), record.mainDataOffset(), record.mainDataLength());
        data.at(0, TRUNCATE_BYTES);
        return (data.intAt(16) & TRUNCATE_VISIBILITY_MAP) != 0
                && Integer.remainderUnsigned(data.intAt(0), VisibilityMap.BLOCKS_PER_PAGE) != 0;
    }

    /** Whether redo of this touch needs nothing of the page that is there: it applies an image, or makes the page anew. */
    public static boolean overwrites(final WalRecord record, final int touch) {
        return touch < TouchedPages.MAP_OF_BLOCK
                && (record.blockWillInit(touch) || (record.hasImage(touch) && record.appliesImage(touch)));
    }

    /**
     * Whether a page that was never written is one after this touch, as far as the record says: what {@link #apply} answers with {@link
     * RedoOutcome#MISSING} otherwise. A relation that is too short for such a page grows by it.
     */
    public boolean makesPage(final WalRecord record, final int touch) {
        if (touch >= TouchedPages.MAP_OF_BLOCK || overwrites(record, touch)) {
            return true;
        }
        final int manager = record.resourceManagerId();
        return manager < managers.length && managers[manager] != null && managers[manager].takesNewPage(record, touch);
    }

    /**
     * Applies a record to one of the pages that it touches.
     *
     * @param touch which one: {@link TouchedPages#touch}.
     * @param page a segment of exactly that page; all zeroes when it was never written.
     * @throws RedoException when the record does not fit the page or is unknown; the page is undefined then.
     */
    public RedoOutcome apply(final WalRecord record, final int touch, final MemorySegment page) {
        if (page.byteSize() != PageLayout.PAGE_BYTES) {
            throw new IllegalArgumentException("a page of " + page.byteSize() + " bytes");
        }
        try {
            context.wrap(record, page);
            if (touch == TouchedPages.TRUNCATED_MAP) {
                return truncateMap(record);
            }
            final PageRedo redo = managerOf(record);
            if (touch >= TouchedPages.MAP_OF_BLOCK) {
                return clearMap(record, redo, touch - TouchedPages.MAP_OF_BLOCK);
            }
            return applyToBlock(record, redo, touch);
        } catch (final MalformedDataException | IndexOutOfBoundsException e) {
            throw RedoException.of(record, ", " + TouchedPages.describe(record, touch), e);
        }
    }

    private RedoOutcome applyToBlock(final WalRecord record, final PageRedo redo, final int block) {
        final PageFlyweight page = context.page();
        if (record.hasImage(block) && record.appliesImage(block)) {
            return restore(record, redo, block);
        }
        if (record.blockWillInit(block)) {
            page.segment().fill((byte) 0);
        } else if (page.isNew()) {
            if (!redo.takesNewPage(record, block)) {
                return RedoOutcome.MISSING;
            }
        } else if (Long.compareUnsigned(record.nextLsn(), page.lsn()) <= 0) {
            return RedoOutcome.ALREADY_APPLIED;
        }
        final PageChange change = redo.apply(context, block);
        if (change == PageChange.MOVES_LSN) {
            page.lsn(record.nextLsn());
        }
        return change == PageChange.NONE ? RedoOutcome.UNCHANGED : RedoOutcome.APPLIED;
    }

    private RedoOutcome restore(final WalRecord record, final PageRedo redo, final int block) {
        if (record.blockWillInit(block)) {
            throw new MalformedDataException(
                    "the record marks this page as made anew, and has an image of it to apply");
        }
        final PageFlyweight page = context.page();
        images.restore(record, block, page.segment());
        if (!page.isNew()) {
            page.lsn(record.nextLsn());
            redo.applyAfterImage(context, block);
        }
        return RedoOutcome.RESTORED;
    }

    /** Who redoes a record that Postgres knows: asked before the page is, so that an unknown one never passes for one that was applied. */
    private PageRedo managerOf(final WalRecord record) {
        final int manager = record.resourceManagerId();
        if (manager >= managers.length || managers[manager] == null) {
            throw new MalformedDataException(
                    ResourceManager.ofId(manager) == null
                            ? "resource manager " + manager + " is of an extension, and nobody can redo it here"
                            : "a record of this resource manager changes no relation page");
        }
        if (WalOperations.name(record.version(), manager, record.info()) == null) {
            throw context.unknownOperation();
        }
        return managers[manager];
    }

    /**
     * heap_xlog_vm_clear of heapam.c, where the map's page is not registered. On a page that was never written there is no bit to clear,
     * and Postgres leaves its zeroes as they are (vm_readbuf doesn't mark it dirty), though it extends the map to have it.
     */
    private RedoOutcome clearMap(final WalRecord record, final PageRedo redo, final int block) {
        if (!record.hasBlock(block)) {
            throw context.unexpectedBlock(block);
        }
        final PageFlyweight page = context.page();
        if (page.isNew()) {
            return RedoOutcome.UNCHANGED;
        }
        boolean changed = clearBits(record, redo.clearsAllVisible(record), block, VisibilityMap.VALID_BITS);
        changed |= clearBits(record, redo.clearsAllFrozen(record), block, VisibilityMap.ALL_FROZEN);
        return changed ? RedoOutcome.APPLIED : RedoOutcome.UNCHANGED;
    }

    /** Clears bits of each of these blocks that has them on the map's page of {@code ofBlock}. */
    private boolean clearBits(final WalRecord record, final long blocks, final int ofBlock, final int bits) {
        boolean changed = false;
        for (long rest = blocks; rest != 0; rest &= rest - 1) {
            final int block = Long.numberOfTrailingZeros(rest);
            if (TouchedPages.shareMap(record, block, ofBlock)) {
                changed |= VisibilityMap.clear(context.page(), record.blockNumber(block), bits);
            }
        }
        return changed;
    }

    /**
     * visibilitymap_prepare_truncate of visibilitymap.c: a page that was never written is initialised on reading. Where the map ends
     * before this page, Postgres does nothing at all, and {@link TouchedPages#TRUNCATED_MAP} is not to be applied.
     */
    private RedoOutcome truncateMap(final WalRecord record) {
        if (record.resourceManagerId() != ResourceManager.STORAGE.id() || !cutsMap(record)) {
            throw new MalformedDataException("the record cuts no visibility map");
        }
        final PageFlyweight page = context.page();
        if (page.isNew()) {
            page.initialize(0);
        }
        VisibilityMap.clearFrom(page, data.intAt(0));
        return RedoOutcome.APPLIED;
    }
}
