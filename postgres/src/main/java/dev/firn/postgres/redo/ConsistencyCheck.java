package dev.firn.postgres.redo;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.gist.GistKnownDifference;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/**
 * Compares pages after redo with the images that {@code wal_consistency_checking} put into the record: checkXLogConsistency of
 * xlogrecovery.c, under the masks of the record's resource manager and no further.
 *
 * <p>One thread owns an instance. It owns three pages of scratch memory.
 */
public final class ConsistencyCheck implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("redo-check");
    private static final int SCRATCH_PAGES = 3;

    /** What a comparison came to. */
    public enum Verdict {
        /** The page is what Postgres made of it. */
        EQUAL,
        /** It is not: {@link ConsistencyCheck#differenceOffset} says where. */
        DIFFERENT,
        /** It is not, and neither is what stock redo makes of it: the difference is a known one between Postgres' redo and primary. */
        DIFFERENT_IN_POSTGRES,
        /** There is no image to compare with, or the page has been changed by a later record already. */
        NOT_COMPARED
    }

    private final OffHeapMemory memory;
    private final MemorySegment scratch;
    private final MemorySegment replayed;
    private final MemorySegment expected;
    private final PageImages images;
    private final PageMask[] masks;
    private final PageFlyweight page = new PageFlyweight();
    private final PageFlyweight expectedFlyweight = new PageFlyweight();
    private int differenceOffset;

    /** A check of a version's records, with scratch memory from {@code memory}. */
    public ConsistencyCheck(final PostgresVersion version, final OffHeapMemory memory) {
        this.memory = memory;
        this.scratch = memory.allocate((long) SCRATCH_PAGES * PageLayout.PAGE_BYTES, TAG);
        this.images = new PageImages(scratch.asSlice(0, PageLayout.PAGE_BYTES));
        this.replayed = scratch.asSlice(PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES);
        this.expected = scratch.asSlice(2L * PageLayout.PAGE_BYTES, PageLayout.PAGE_BYTES);
        this.masks = PageRedos.masksOf(version);
    }

    @Override
    public void close() {
        images.close();
        memory.free(scratch);
    }

    /**
     * Compares the page of a registered block, after redo, with the record's image of it. The page is not changed.
     *
     * @throws RedoException when the image cannot be unpacked, or one of the two is no page to which the masks apply.
     */
    public Verdict compare(final WalRecord record, final int block, final MemorySegment pageAfterRedo) {
        if (!record.checksConsistency() || !record.hasImage(block) || record.appliesImage(block)) {
            return Verdict.NOT_COMPARED;
        }
        if (Long.compareUnsigned(page.wrap(pageAfterRedo, 0).lsn(), record.nextLsn()) > 0) {
            return Verdict.NOT_COMPARED;
        }
        try {
            images.restore(record, block, expected);
            MemorySegment.copy(pageAfterRedo, 0, replayed, 0, PageLayout.PAGE_BYTES);
            if (!page.wrap(replayed, 0).isNew()) {
                mask(record, block);
            }
        } catch (final MalformedDataException | IndexOutOfBoundsException e) {
            throw RedoException.of(record, ", " + TouchedPages.describe(record, block), e);
        }
        differenceOffset = (int) replayed.mismatch(expected);
        if (differenceOffset < 0) {
            return Verdict.EQUAL;
        }
        return isKnown(record) ? Verdict.DIFFERENT_IN_POSTGRES : Verdict.DIFFERENT;
    }

    private boolean isKnown(final WalRecord record) {
        return !page.wrap(replayed, 0).isNew()
                && GistKnownDifference.explains(record, page, expectedFlyweight.wrap(expected, 0));
    }

    /** A page that redo left new has nothing to mask: it differs, or Postgres' own is new. */
    private void mask(final WalRecord record, final int block) {
        final int manager = record.resourceManagerId();
        if (manager < masks.length && masks[manager] != null) {
            masks[manager].mask(page.wrap(replayed, 0), record.blockNumber(block));
            masks[manager].mask(page.wrap(expected, 0), record.blockNumber(block));
        }
    }

    /**
     * Makes a page what the record's image of it says, so that a check can go on behind a record that failed: the whole image, with the
     * record's end as its LSN. Without an image, or with one that can't be unpacked, nothing is done.
     *
     * @return whether the page is what the image says.
     */
    public boolean takeImage(final WalRecord record, final int block, final MemorySegment target) {
        if (!record.hasImage(block)) {
            return false;
        }
        try {
            images.restore(record, block, target);
        } catch (final MalformedDataException e) {
            return false;
        }
        if (!page.wrap(target, 0).isNew()) {
            page.lsn(record.nextLsn());
        }
        return true;
    }

    /** Where on the page the last comparison found the first difference. */
    public int differenceOffset() {
        return differenceOffset;
    }

    /** The two pages of the last comparison, masked, for messages: what redo made, and what Postgres has. Borrowed until the next one. */
    public MemorySegment replayedPage() {
        return replayed;
    }

    /** See {@link #replayedPage}. */
    public MemorySegment expectedPage() {
        return expected;
    }
}
