package dev.firn.server.lake;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.pages.ServedPages;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.up.ReaderSeat;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A place among the nodes of a system that is up, from where a page server is read; and a way to the target. */
public final class ServedSeat implements ExportSeat {
    private final ReaderSeat reader;
    private final PageConnection connection;
    private final ExportTarget target;
    private ServedPages pages;

    private ServedSeat(final ReaderSeat reader, final PageConnection connection, final ExportTarget target) {
        this.reader = reader;
        this.connection = connection;
        this.target = target;
    }

    /**
     * Connects.
     *
     * @param reader closed with this, also when this fails.
     * @param memory borrowed, for files on their way.
     * @param stop whether to give up whatever is waited for.
     * @param onWaiting hears when the page server's answers are long in coming.
     */
    public static ServedSeat open(
            final ReaderSeat reader,
            final ExportTargets targets,
            final OffHeapMemory memory,
            final BooleanSupplier stop,
            final Consumer<String> onWaiting) {
        boolean open = false;
        try {
            final ServedSeat seat = new ServedSeat(
                    reader,
                    new PageConnection(
                            reader.endpoint(),
                            QuorumLayout.PAGE_SERVER,
                            SystemClock.INSTANCE,
                            SystemRandom.secure(),
                            stop,
                            onWaiting),
                    targets.open(memory, SystemClock.INSTANCE, stop));
            open = true;
            return seat;
        } finally {
            if (!open) {
                reader.close();
            }
        }
    }

    /** For what is asked before it is known what is to be read. */
    public PageConnection connection() {
        return connection;
    }

    /** What is read from now on, for as long as it takes: a page server may be started anew meanwhile, and more than once. */
    public ServedSeat at(final TimelineFacts timeline, final long lsn) {
        connection.waitLonger(PageConnection.RESTART_LIMIT_NS);
        pages = new ServedPages(connection, timeline, lsn);
        return this;
    }

    @Override
    public CatalogPages pages() {
        return pages;
    }

    @Override
    public ExportTarget target() {
        return target;
    }

    @Override
    public void close() {
        target.close();
        reader.close();
    }
}
