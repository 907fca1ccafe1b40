package dev.firn.pagestore.timeline;

import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.pagestore.ingest.BaseIndex;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageVerdict;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The pages of a base backup's files. A map's damaged page counts as never written, as Postgres has it (RBM_ZERO_ON_ERROR): it can be made again
 * from the table; any other that is damaged and read has no image in the log, and can't be answered.
 *
 * <p>Of a cluster that is written while its base backup is taken, some pages of maps are torn, and no record mends those of free space maps. That
 * is no damage, at any read of them: only what comes otherwise the second time is told.
 */
final class BaseFilePages implements BasePages {
    private static final Logger LOG = System.getLogger(BaseFilePages.class.getPackageName());

    private final BaseFiles files;
    private final BooleanSupplier checksums;
    private final ReadCounters counters;
    private final BaseIndex index;
    private final PageFlyweight flyweight = new PageFlyweight();

    /** Reads under way, by token. */
    private final Map<Long, Wanted> wanted = new HashMap<>();

    /** Tokens of pages that no file has. */
    private final ArrayDeque<Long> zeroes = new ArrayDeque<>();

    /** @param before what was wrong with it when it came for the first time, and was asked for once more; null the first time. */
    private record Wanted(
            long high, long middle, long low, MemorySegment page, int file, long offset, PageVerdict before) {
        boolean isOfMap() {
            final int fork = PageKeys.fork(low);
            return fork == Fork.VISIBILITY_MAP.number() || fork == Fork.FREE_SPACE_MAP.number();
        }

        @Override
        public String toString() {
            return PageKeys.describe(high, middle, low) + " of the base backup";
        }
    }

    /** @param checksums whether the cluster's pages have checksums; asked at each page. */
    BaseFilePages(final BaseFiles files, final BooleanSupplier checksums, final ReadCounters counters) {
        this.counters = counters;
        this.files = files;
        this.checksums = checksums;
        this.index = new BaseIndex(files);
    }

    @Override
    public boolean read(
            final long high, final long middle, final long low, final MemorySegment page, final long token) {
        final int block = PageKeys.block(low);
        final int file;
        final long offset;
        if (PageKeys.keyClass(high) == KeyClass.SLRU_PAGE) {
            final Slru slru = Slru.of(PageKeys.fork(low));
            file = index.slruFile(slru, block);
            offset = slru.offsetInSegment(block);
        } else {
            file = index.file(
                    PageKeys.tablespace(high),
                    PageKeys.database(middle),
                    PageKeys.relfilenode(middle),
                    PageKeys.fork(low),
                    block);
            offset = RelationPath.offsetInSegment(block);
        }
        if (file == BaseIndex.ABSENT) {
            page.fill((byte) 0);
            zeroes.add(token);
            return true;
        }
        if (!files.read(file, offset, page, token)) {
            return false;
        }
        wanted.put(token, new Wanted(high, middle, low, page, file, offset, null));
        return true;
    }

    @Override
    public int poll(final Handler handler, final int limit) {
        int done = 0;
        for (int left = Math.min(limit, zeroes.size()); left > 0; left--) {
            handler.onBasePage(zeroes.poll());
            done++;
        }
        return done + files.poll((token, failure) -> onRead(handler, token, failure), limit);
    }

    private void onRead(final Handler handler, final long token, final String failure) {
        final Wanted read = wanted.remove(token);
        if (failure != null) {
            handler.onNoBasePage(token, false, failure);
            return;
        }
        if (PageKeys.keyClass(read.high) == KeyClass.SLRU_PAGE) {
            handler.onBasePage(token);
            return;
        }
        final PageVerdict verdict =
                PageChecksum.verify(flyweight.wrap(read.page, 0), PageKeys.block(read.low), checksums.getAsBoolean());
        if (verdict.isAcceptable()) {
            if (read.before != null && read.isOfMap()) {
                tellDamaged(read, read.before);
            }
            handler.onBasePage(token);
        } else if (readAgain(read, token, verdict)) {
            if (!read.isOfMap()) {
                tellDamaged(read, verdict);
            }
        } else if (read.isOfMap()) {
            read.page.fill((byte) 0);
            handler.onBasePage(token);
        } else {
            handler.onNoBasePage(token, true, read + " is damaged (" + verdict + "), and the log has no image of it");
        }
    }

    private void tellDamaged(final Wanted read, final PageVerdict verdict) {
        counters.damaged++;
        LOG.log(Level.WARNING, "{0} is damaged ({1}); it is read again", read, verdict);
    }

    /** What came may not be what was written: the store is asked once more, past any cache. */
    private boolean readAgain(final Wanted read, final long token, final PageVerdict verdict) {
        files.forget(read.file, read.offset, read.page.byteSize());
        if (read.before != null || !files.read(read.file, read.offset, read.page, token)) {
            return false;
        }
        wanted.put(token, new Wanted(read.high, read.middle, read.low, read.page, read.file, read.offset, verdict));
        return true;
    }
}
