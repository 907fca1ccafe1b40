package dev.firn.server.faults;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.file.Slru;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.pages.ServedPages;
import dev.firn.server.pages.StoredLog;
import dev.firn.server.up.ReaderSeat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A timeline as a page server's clients have it. For one thread. */
final class ServedLog implements StoredLog, AutoCloseable {
    private final ReaderSeat seat;
    private final PageConnection connection;
    private final String name;
    private final SortedMap<long[], byte[]> values =
            new TreeMap<>((one, other) -> PageKeys.compare(one[0], one[1], one[2], other[0], other[1], other[2]));
    private ServedPages pages;
    private long valuesLsn = -1;

    /** @param system the directory of a system that is up. */
    ServedLog(final Path system, final int pageServer, final String name) {
        this.seat = ReaderSeat.take(system, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure());
        this.connection = new PageConnection(
                seat.endpoint(),
                pageServer,
                SystemClock.INSTANCE,
                SystemRandom.secure(),
                () -> false,
                System.err::println);
        this.name = name;
    }

    ReaderSeat seat() {
        return seat;
    }

    PageConnection connection() {
        return connection;
    }

    TimelineFacts facts() {
        return connection.timeline(name);
    }

    /** All that is no page, read once for an LSN. */
    private void readValues(final long lsn) {
        if (valuesLsn == lsn) {
            return;
        }
        valuesLsn = -1;
        values.clear();
        final TimelineFacts timeline = facts();
        pages = new ServedPages(connection, timeline, lsn);
        long high = 0;
        long middle = 0;
        long low = 0;
        boolean more = true;
        while (more) {
            final KeyedValues told = connection.files(timeline, lsn, high, middle, low);
            while (told.next()) {
                high = told.high();
                middle = told.middle();
                low = told.low();
                values.put(new long[] {high, middle, low}, told.value());
            }
            more = told.more();
            // The next key behind the last; none ends with all ones.
            low++;
        }
        valuesLsn = lsn;
    }

    @Override
    public Value state(final long high, final long middle, final long low, final long atLsn) {
        readValues(atLsn);
        final byte[] value = values.get(new long[] {high, middle, low});
        return value == null ? null : () -> MemorySegment.ofArray(value);
    }

    @Override
    public List<long[]> keys(final KeyRange range, final long atLsn) {
        readValues(atLsn);
        return values.keySet().stream()
                .filter(key -> range.contains(key[0], key[1], key[2]))
                .toList();
    }

    @Override
    public void read(final long high, final long middle, final long low, final long atLsn, final MemorySegment into) {
        readValues(atLsn);
        if (PageKeys.keyClass(high) == KeyClass.SLRU_PAGE) {
            pages.slruPage(Slru.values()[PageKeys.fork(low)], PageKeys.block(low), into);
            return;
        }
        final byte[] page = connection.page(
                facts(),
                atLsn,
                PageKeys.tablespace(high),
                PageKeys.database(middle),
                PageKeys.relfilenode(middle),
                PageKeys.fork(low),
                PageKeys.block(low));
        MemorySegment.copy(page, 0, into, ValueLayout.JAVA_BYTE, 0, page.length);
    }

    @Override
    public void close() {
        seat.close();
    }
}
