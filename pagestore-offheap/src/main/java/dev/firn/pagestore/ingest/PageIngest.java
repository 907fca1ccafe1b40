package dev.firn.pagestore.ingest;

import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.wal.WalRecord;
import java.util.Arrays;

/**
 * Which of the pages that a record touches get an entry, and how long their forks become: the rules of XLogReadBufferExtended (xlogutils.c). Naming a
 * fork makes it; a page that is made anew makes the fork as long as it needs; one that should be there and isn't is noted, and the record passes
 * over it.
 */
final class PageIngest {
    private final ForkTable forks;
    private final IngestTarget target;
    private final EntryWriter writer;
    private final Redo redo;
    private final boolean extendsMapInitialized;

    /** Of the record's pages: whether one is to be passed over. */
    private boolean[] missing = new boolean[8];

    /** And which fork each is of, or {@link ForkTable#NONE} as long as nobody named it. */
    private int[] forkOf = new int[8];

    PageIngest(final HeadState head, final IngestTarget target, final EntryWriter writer, final Redo redo) {
        this.forks = head.forks;
        this.target = target;
        this.writer = writer;
        this.redo = redo;
        this.extendsMapInitialized = head.version().extendsMapInitialized();
    }

    /** Finds the pages' forks, and counts what they come to at most. The first of the three that a record goes through. */
    void size(final WalRecord record, final TouchedPages touched, final RecordSizer sizer) {
        final int count = touched.count();
        if (count == 0) {
            return;
        }
        if (count > missing.length) {
            missing = Arrays.copyOf(missing, 2 * count);
            forkOf = Arrays.copyOf(forkOf, 2 * count);
        }
        for (int i = 0; i < count; i++) {
            forkOf[i] = find(touched, i);
        }
        sizer.add(2L * count, record.lengthBytes() + (long) count * Integer.BYTES);
        if (extendsMapInitialized) {
            for (int i = 0; i < count; i++) {
                if (isMapOfBlock(touched.touch(i))) {
                    final int fork = forkOf[i];
                    final long blocks = fork == ForkTable.NONE ? 0 : Integer.toUnsignedLong(forks.blocks(fork));
                    sizer.add(Math.max(0, Integer.toUnsignedLong(touched.block(i)) - blocks), 0);
                }
            }
        }
    }

    /**
     * Finds the pages that are not there. Of the records that change relations' files none has pages, but of the visibility map; so the forks are now
     * as they will be when the pages are added, but for what the record's own pages before make of them.
     */
    void decide(
            final WalRecord record,
            final TouchedPages touched,
            final InvalidPages invalidPages,
            final boolean consistent) {
        for (int i = 0; i < touched.count(); i++) {
            missing[i] = !redo.makesPage(record, touched.touch(i)) && !isThere(record, touched, i);
            if (missing[i]) {
                final long space = BlockKey.space(touched.tablespace(i), touched.database(i));
                final long relation = BlockKey.relation(touched.relfilenode(i), touched.fork(i));
                if (consistent) {
                    throw new IngestException("the WAL record at " + Lsn.format(record.lsn()) + " changes "
                            + BlockKey.describe(space, relation, touched.block(i)) + ", which does not exist");
                }
                invalidPages.add(space, relation, touched.block(i), false, record.lsn());
            }
        }
    }

    /** Whether a page is within its fork, as it is or as the record's pages before have made it. */
    private boolean isThere(final WalRecord record, final TouchedPages touched, final int page) {
        final int fork = forkOf[page];
        final int block = touched.block(page);
        if (fork != ForkTable.NONE && Integer.compareUnsigned(block, forks.blocks(fork)) < 0) {
            return true;
        }
        for (int i = 0; i < page; i++) {
            if (touched.relfilenode(i) == touched.relfilenode(page)
                    && touched.fork(i) == touched.fork(page)
                    && touched.database(i) == touched.database(page)
                    && touched.tablespace(i) == touched.tablespace(page)
                    && Integer.compareUnsigned(block, touched.block(i)) < 0
                    && redo.makesPage(record, touched.touch(i))) {
                return true;
            }
        }
        return false;
    }

    /** Adds the pages' entries. */
    void add(final WalRecord record, final TouchedPages touched) {
        final int count = touched.count();
        if (count == 0) {
            return;
        }
        final long position = writer.table()
                .keepRecord(record.segment(), record.offset(), record.lengthBytes(), record.lsn(), record.nextLsn());
        for (int i = 0; i < count; i++) {
            add(record, touched, i, position);
        }
    }

    private void add(final WalRecord record, final TouchedPages touched, final int index, final long position) {
        final int touch = touched.touch(index);
        final int block = touched.block(index);
        int fork = forkOf[index];
        if (touch >= TouchedPages.TRUNCATED_MAP) {
            if (fork == ForkTable.NONE || Integer.compareUnsigned(block, forks.blocks(fork)) >= 0) {
                return;
            }
        } else {
            if (fork == ForkTable.NONE) {
                fork = forks.findOrAdd(
                        BlockKey.space(touched.tablespace(index), touched.database(index)),
                        BlockKey.relation(touched.relfilenode(index), touched.fork(index)));
            }
            target.create(fork);
            if (missing[index]) {
                return;
            }
            if (Integer.compareUnsigned(block, forks.blocks(fork)) >= 0) {
                if (isMapOfBlock(touch)) {
                    extendMap(fork, block);
                    return;
                }
                forks.change(fork, block + 1);
            }
        }
        writer.addRecord(
                touched.tablespace(index) & 0xFFFF_FFFFL,
                PageKeys.middle(touched.database(index), touched.relfilenode(index)),
                PageKeys.low(touched.fork(index), block),
                Redo.overwrites(record, touch) ? EntryKind.RECORD | EntryKind.STANDS_ALONE : EntryKind.RECORD,
                touch,
                position);
    }

    /**
     * visibilitymap_pin of visibilitymap.c makes the map long enough, whether or not there is a bit to clear. On its new pages there is none, so that
     * the record has nothing to do there.
     */
    private void extendMap(final int fork, final int block) {
        final int end = block + 1;
        if (extendsMapInitialized) {
            final long space = forks.space(fork);
            final long relation = forks.relation(fork);
            for (int next = forks.blocks(fork); next != end; next++) {
                writer.add(
                        StateKeys.high(StateKeys.PAGE, space),
                        StateKeys.middle(space, relation),
                        PageKeys.low(BlockKey.fork(relation), next),
                        EntryKind.EMPTY_PAGE | EntryKind.STANDS_ALONE);
            }
        }
        forks.change(fork, end);
    }

    private int find(final TouchedPages touched, final int index) {
        return forks.find(
                BlockKey.space(touched.tablespace(index), touched.database(index)),
                BlockKey.relation(touched.relfilenode(index), touched.fork(index)));
    }

    private static boolean isMapOfBlock(final int touch) {
        return touch >= TouchedPages.MAP_OF_BLOCK && touch < TouchedPages.TRUNCATED_MAP;
    }
}
