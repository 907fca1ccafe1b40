package dev.firn.server.faults;

import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The committed rows of a table of one bigint column, read from the files of a data directory that no Postgres has started on. */
final class HeapRows {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path data;
    private final Map<Integer, MemorySegment> statuses = new HashMap<>();

    private HeapRows(final Path data) {
        this.data = data;
    }

    /** @param relation the table's path within the data directory, of one file. */
    static SortedSet<Long> committed(final Path data, final String relation) throws IOException {
        return new HeapRows(data).committed(relation);
    }

    private SortedSet<Long> committed(final String relation) throws IOException {
        final MemorySegment heap = MemorySegment.ofArray(Files.readAllBytes(data.resolve(relation)));
        final PageFlyweight page = new PageFlyweight();
        final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
        final SortedSet<Long> rows = new TreeSet<>();
        for (long at = 0; at + PageLayout.PAGE_BYTES <= heap.byteSize(); at += PageLayout.PAGE_BYTES) {
            page.wrap(heap, at);
            for (int item = 1; item <= page.linePointerCount(); item++) {
                if (LinePointer.state(page.linePointer(item)) == LinePointer.NORMAL) {
                    tuple.wrap(page, item);
                    if (tuple.isXminFrozen() || isCommitted(tuple.xmin())) {
                        rows.add(heap.get(LONG, tuple.base() + tuple.dataOffset()));
                    }
                }
            }
        }
        return rows;
    }

    private boolean isCommitted(final int xid) throws IOException {
        final int page = Slru.XACT.page(xid);
        final int segment = Slru.XACT.segment(page);
        if (!statuses.containsKey(segment)) {
            statuses.put(segment, MemorySegment.ofArray(Files.readAllBytes(data.resolve(Slru.XACT.path(segment)))));
        }
        return TransactionStatus.get(statuses.get(segment), Slru.XACT.offsetInSegment(page), xid)
                == TransactionStatus.COMMITTED;
    }
}
