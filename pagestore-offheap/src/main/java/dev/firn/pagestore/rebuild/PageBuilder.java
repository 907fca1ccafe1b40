package dev.firn.pagestore.rebuild;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.ingest.SlruChanges;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.StoredRecord;
import java.lang.foreign.MemorySegment;

/**
 * Makes a page of its entries, oldest first, in place. By the rules of recovery: a record that finds its page newer passes over it, and so does
 * one whose page was never written where it needs it to be. One thread at a time.
 */
public final class PageBuilder implements AutoCloseable {
    private final Redo redo;
    private final StoredRecord stored;
    private final PageFlyweight flyweight = new PageFlyweight();

    /** @param memory for the redo's own buffers. */
    public PageBuilder(final PostgresVersion version, final OffHeapMemory memory) {
        this.redo = new Redo(version, memory);
        this.stored = new StoredRecord(version);
    }

    /** Whether hint bits were logged when the record was that ends at an LSN. */
    public interface HintBits {
        boolean hintBitsLogged(long lsn);
    }

    /**
     * Applies what was gathered newest first.
     *
     * @param page what was before the oldest of them; anything when that one stands alone.
     * @throws DamagedStoreException when an entry does not fit.
     */
    public void build(
            final Gathered newestFirst,
            final HintBits hints,
            final MemorySegment page,
            final long high,
            final long middle,
            final long low) {
        for (int i = newestFirst.count() - 1; i >= 0; i--) {
            applyOne(newestFirst, i, hints, page, high, middle, low);
        }
    }

    /**
     * Applies what was gathered oldest first, from one entry on.
     *
     * @param page what was before it; anything when it stands alone.
     * @throws DamagedStoreException when an entry does not fit.
     */
    public void buildFrom(
            final int first,
            final Gathered oldestFirst,
            final HintBits hints,
            final MemorySegment page,
            final long high,
            final long middle,
            final long low) {
        for (int i = first; i < oldestFirst.count(); i++) {
            applyOne(oldestFirst, i, hints, page, high, middle, low);
        }
    }

    private void applyOne(
            final Gathered gathered,
            final int index,
            final HintBits hints,
            final MemorySegment page,
            final long high,
            final long middle,
            final long low) {
        try {
            apply(gathered, index, hints, page, low);
        } catch (final RedoException | MalformedDataException | IndexOutOfBoundsException e) {
            throw new DamagedStoreException(
                    "the change at " + Lsn.format(gathered.lsn(index)) + " can't be applied to "
                            + PageKeys.describe(high, middle, low) + ": " + e.getMessage(),
                    e);
        }
    }

    private void apply(
            final Gathered gathered, final int index, final HintBits hints, final MemorySegment page, final long low) {
        final int kindByte = gathered.kindByte(index);
        switch (EntryKind.kind(kindByte)) {
            case EntryKind.RECORD -> {
                if (EntryKind.standsAlone(kindByte)) {
                    page.fill((byte) 0);
                }
                redo.hintBitsLogged(hints.hintBitsLogged(gathered.lsn(index)));
                redo.apply(
                        stored.wrap(
                                gathered.segment(index),
                                gathered.offset(index),
                                gathered.length(index),
                                gathered.recordLsn(index),
                                gathered.lsn(index)),
                        gathered.touch(index),
                        page);
            }
            case EntryKind.IMAGE -> {
                requireLength(gathered, index, PageLayout.PAGE_BYTES);
                MemorySegment.copy(gathered.segment(index), gathered.offset(index), page, 0, PageLayout.PAGE_BYTES);
            }
            case EntryKind.ZEROES, EntryKind.ABSENT -> page.fill((byte) 0);
            case EntryKind.EMPTY_PAGE -> flyweight.wrap(page, 0).initialize(0);
            case EntryKind.SLRU_CHANGES -> {
                if (EntryKind.standsAlone(kindByte)) {
                    page.fill((byte) 0);
                }
                SlruChanges.apply(
                        Slru.of(PageKeys.fork(low)),
                        PageKeys.block(low),
                        page,
                        0,
                        gathered.segment(index),
                        gathered.offset(index),
                        gathered.length(index));
            }
            default -> throw new MalformedDataException("an entry of kind " + kindByte + " is none of a page");
        }
    }

    private static void requireLength(final Gathered gathered, final int index, final int expected) {
        if (gathered.length(index) != expected) {
            throw new MalformedDataException("an image of a page has " + gathered.length(index) + " bytes");
        }
    }

    @Override
    public void close() {
        redo.close();
    }
}
