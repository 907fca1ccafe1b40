package dev.firn.server.pages;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import dev.firn.server.CommandException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A timeline's pages at one LSN, read from a page server. */
public final class ServedPages implements CatalogPages {
    /** Relations that are read in their order at the same time: a table and its TOAST table, and some to spare. */
    private static final int MAX_SCANS = 4;

    private final PageConnection connection;
    private final TimelineFacts timeline;
    private final long lsn;
    private final Map<Long, byte[]> segments = new HashMap<>();

    private final Map<RelFileLocator, PageScan> scans = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<RelFileLocator, PageScan> eldest) {
            return size() > MAX_SCANS;
        }
    };

    public ServedPages(final PageConnection connection, final TimelineFacts timeline, final long lsn) {
        this.connection = connection;
        this.timeline = timeline;
        this.lsn = lsn;
    }

    @Override
    public long blocks(final RelFileLocator relation, final Fork fork) {
        return Math.max(
                0,
                answer(
                        relation,
                        () -> connection.blocks(
                                timeline,
                                lsn,
                                relation.tablespace(),
                                relation.database(),
                                relation.relfilenode(),
                                fork.number())));
    }

    @Override
    public void page(final RelFileLocator relation, final Fork fork, final long block, final MemorySegment into) {
        final byte[] page = answer(
                relation,
                () -> connection.page(
                        timeline,
                        lsn,
                        relation.tablespace(),
                        relation.database(),
                        relation.relfilenode(),
                        fork.number(),
                        (int) block));
        MemorySegment.copy(MemorySegment.ofArray(page), 0, into, 0, PageLayout.PAGE_BYTES);
    }

    /** Many pages at once are mostly asked for in their order: the next ones are on the way while these are worked on. */
    @Override
    public void pages(
            final RelFileLocator relation,
            final Fork fork,
            final long first,
            final int count,
            final MemorySegment into) {
        if (fork == Fork.MAIN && (count >= PageScan.PAGES_A_REQUEST || scans.containsKey(relation))) {
            scans.computeIfAbsent(relation, any -> new PageScan(this, relation)).read(first, count, into);
        } else {
            CatalogPages.super.pages(relation, fork, first, count, into);
        }
    }

    /** Asks for blocks of a main fork without waiting. */
    void askAhead(final RelFileLocator relation, final int[] blocks, final PagesAhead into) {
        connection.askAhead(timeline, lsn, relation, Fork.MAIN.number(), blocks, into);
    }

    boolean await(final PagesAhead pages) {
        return connection.await(pages);
    }

    /** Asks for blocks of a main fork, and waits. */
    byte[] now(final RelFileLocator relation, final int[] blocks) {
        return answer(
                relation,
                () -> connection.pages(
                        timeline,
                        lsn,
                        relation.tablespace(),
                        relation.database(),
                        relation.relfilenode(),
                        Fork.MAIN.number(),
                        blocks));
    }

    /** What is damaged on the server's side is so for this relation, as a damaged page is: who reads others can go on. */
    private <T> T answer(final RelFileLocator relation, final Supplier<T> request) {
        try {
            return request.get();
        } catch (final CommandException e) {
            if (connection.wasDamaged()) {
                throw new MalformedDataException("relation " + relation + " on the page server: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    @Override
    public void slruPage(final Slru slru, final int page, final MemorySegment into) {
        final int segment = page / Slru.PAGES_PER_SEGMENT;
        final byte[] pages = segments.computeIfAbsent(
                (long) slru.ordinal() << Integer.SIZE | segment,
                any -> connection.slruSegmentIfThere(timeline, lsn, slru.ordinal(), segment));
        final int at = page % Slru.PAGES_PER_SEGMENT * PageLayout.PAGE_BYTES;
        if (at >= pages.length) {
            throw new MalformedDataException(slru.directory() + " has no page " + page + " at " + Lsn.format(lsn));
        }
        MemorySegment.copy(MemorySegment.ofArray(pages), at, into, 0, PageLayout.PAGE_BYTES);
    }

    @Override
    public byte[] relationMap(final int tablespace, final int database) {
        final long high = PageKeys.high(KeyClass.RELATION_MAP, tablespace);
        final long middle = PageKeys.middle(database, 0);
        final KeyedValues found = connection.files(timeline, lsn, high, middle, 0);
        if (!found.next() || found.high() != high || found.middle() != middle) {
            throw new CommandException("the database " + Integer.toUnsignedString(database) + " has no relation map at "
                    + Lsn.format(lsn));
        }
        return found.value();
    }
}
