package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.ingest.BaseImport;
import dev.firn.pagestore.ingest.BaseIndex;
import dev.firn.pagestore.ingest.HeadState;
import dev.firn.pagestore.ingest.Ingest;
import dev.firn.pagestore.ingest.IngestConfig;
import dev.firn.pagestore.ingest.IngestException;
import dev.firn.pagestore.ingest.IngestStep;
import dev.firn.pagestore.ingest.SlruChanges;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.memory.MemoryTableScan;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.StoredRecord;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.server.wal.WalDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A base and its log in memory tables, and the simplest reader of them: every read looks through all tables, newest first, then into the base. */
final class IngestedLog implements StoredLog, AutoCloseable {
    /** The largest record of a small log fits. */
    static final long SMALL_TABLE_BYTES = 4L << 20;

    private static final int STEP = 1000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MEMORY_BYTES = 4L << 30;

    private final PostgresVersion version;
    private final WalDirectory wal;
    private final DirectoryBase base;
    private final BaseIndex index;
    private final MemoryTableConfig tableConfig;
    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("ingested-log", MEMORY_BYTES).withChecked(false));
    private final List<MemoryTable> tables = new ArrayList<>();
    private final StoredRecord stored;
    private final Redo redo;
    private final PageFlyweight page = new PageFlyweight();
    private final long systemIdentifier;
    private HeadState head;
    private Ingest ingest;
    private long allocatedBytes;

    IngestedLog(
            final Path base,
            final long startLsn,
            final WalDirectory wal,
            final PostgresVersion version,
            final long tableBytes) {
        this.version = version;
        this.wal = wal;
        this.base = new DirectoryBase(base, version, startLsn);
        this.index = new BaseIndex(this.base);
        this.tableConfig = new MemoryTableConfig(tableBytes);
        this.stored = new StoredRecord(version);
        this.redo = new Redo(version, memory);
        this.head = new HeadState(version, memory);
        importBase();
        this.systemIdentifier = head.progress().control().systemIdentifier();
    }

    @Override
    public void close() {
        if (ingest != null) {
            ingest.close();
        }
        head.close();
        redo.close();
        tables.forEach(MemoryTable::close);
        memory.close();
    }

    HeadState head() {
        return head;
    }

    int tables() {
        return tables.size();
    }

    private MemoryTable newTable(final long startLsn) {
        if (!tables.isEmpty()) {
            tables.getLast().freeze();
        }
        tables.add(new MemoryTable(memory, tableConfig, startLsn));
        return tables.getLast();
    }

    private void importBase() {
        newTable(base.startLsn() - 1);
        try (BaseImport importing = new BaseImport(base, head, memory)) {
            while (!importing.isDone()) {
                importing.step(tables.getLast(), STEP);
                if (importing.isFull()) {
                    newTable(base.startLsn() - 1);
                }
            }
        }
        assertThat(tables.getLast().endLsn()).isEqualTo(base.startLsn());
        newTable(base.startLsn());
    }

    /** Takes the log up to an LSN at which a record ends. */
    void ingest(final long endLsn) {
        if (ingest == null) {
            ingest = newIngest(base.startLsn());
        }
        while (ingest.appliedLsn() < endLsn) {
            final long lsn = ingest.neededLsn();
            final int segmentBytes = wal.header().segmentBytes();
            final Path file = wal.file(WalSegments.number(lsn, segmentBytes)).orElseThrow();
            try (Arena arena = Arena.ofConfined();
                    FileChannel channel = FileChannel.open(file)) {
                final long at = lsn % segmentBytes;
                final long length = Math.min(channel.size() - at, endLsn - lsn);
                ingest.feed(lsn, channel.map(FileChannel.MapMode.READ_ONLY, at, length, arena), 0, length);
                take();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(Lsn.format(ingest.appliedLsn())).isEqualTo(Lsn.format(endLsn));
    }

    /** Takes all of the log that there is. Says why it ended when it was not for want of files. */
    String ingestAll() {
        final int segmentBytes = wal.header().segmentBytes();
        ingest = newIngest(base.startLsn());
        long fed = Lsn.INVALID;
        try {
            while (ingest.neededLsn() > fed) {
                final long lsn = ingest.neededLsn();
                final Path file =
                        wal.file(WalSegments.number(lsn, segmentBytes)).orElse(null);
                if (file == null) {
                    return null;
                }
                final long at = lsn % segmentBytes;
                fed = lsn;
                try (Arena arena = Arena.ofConfined();
                        FileChannel channel = FileChannel.open(file)) {
                    final long length = channel.size() - at;
                    ingest.feed(lsn, channel.map(FileChannel.MapMode.READ_ONLY, at, length, arena), 0, length);
                    take();
                }
            }
            return null;
        } catch (final IngestException e) {
            return e.getMessage();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every entry is of a known kind and begins after its table does; none is behind what was applied; records can be read back. */
    void requireWellFormed() {
        for (final MemoryTable table : tables) {
            try (MemoryTableScan scan = table.sorted()) {
                while (scan.advance() == SortedEntries.ENTRY) {
                    final String name = PageKeys.describe(scan.high(), scan.middle(), scan.low());
                    assertThat(EntryKind.isValid(scan.kindByte())).as(name).isTrue();
                    assertThat(PageKeys.keyClass(scan.high())).as(name).isNotNull();
                    assertThat(scan.lsn())
                            .as(name)
                            .isGreaterThan(table.startLsn())
                            .isLessThanOrEqualTo(table.endLsn());
                    if (EntryKind.kind(scan.kindByte()) == EntryKind.RECORD) {
                        assertThat(stored.wrap(
                                                scan.payloadSegment(),
                                                scan.payloadOffset(),
                                                scan.payloadLength(),
                                                scan.recordAtLsn(),
                                                scan.lsn())
                                        .lengthBytes())
                                .isEqualTo(scan.payloadLength());
                    }
                }
            }
        }
    }

    private Ingest newIngest(final long lsn) {
        return new Ingest(
                head,
                new IngestConfig(
                        wal.header().segmentBytes(),
                        systemIdentifier,
                        base.consistentLsn(),
                        IngestConfig.DEFAULT_MAX_DELTAS),
                memory,
                lsn,
                tables.getLast());
    }

    /** What ingest itself has allocated on the heap, for each record. */
    double allocatedBytesARecord() {
        return (double) allocatedBytes / ingest.records();
    }

    private void take() {
        final long thread = Thread.currentThread().threadId();
        IngestStep step = IngestStep.MORE;
        while (step != IngestStep.NEEDS_WAL) {
            final long before = THREADS.getThreadAllocatedBytes(thread);
            step = ingest.step(STEP);
            allocatedBytes += THREADS.getThreadAllocatedBytes(thread) - before;
            if (step == IngestStep.FULL) {
                ingest.seal();
                ingest.table(newTable(ingest.appliedLsn()));
            }
        }
    }

    /** As after a crash just behind a flush: the head is loaded from entries, ingest begins anew at its LSN. */
    void restart() {
        final long lsn = ingest.appliedLsn();
        ingest.seal();
        ingest.close();
        newTable(lsn);
        head.close();
        head = new HeadState(version, memory);
        final List<MemoryTableScan> scans = new ArrayList<>();
        for (final MemoryTable table : tables) {
            scans.add(table.sorted(KeyRange.of(KeyClass.DATABASE_FLOOR, KeyClass.COMMIT_TIME)));
        }
        final List<MemoryTableScan> left = new ArrayList<>(scans);
        left.removeIf(scan -> scan.advance() == SortedEntries.END);
        while (!left.isEmpty()) {
            MemoryTableScan first = left.getFirst();
            for (final MemoryTableScan scan : left) {
                first = compare(scan, first) < 0 ? scan : first;
            }
            head.load(
                    first.high(),
                    first.middle(),
                    first.low(),
                    first.lsn(),
                    first.kindByte(),
                    first.payloadSegment(),
                    first.payloadOffset(),
                    first.payloadLength());
            if (first.advance() == SortedEntries.END) {
                left.remove(first);
            }
        }
        head.loaded();
        scans.forEach(MemoryTableScan::close);
        ingest = newIngest(lsn);
    }

    private static int compare(final MemoryTableScan one, final MemoryTableScan other) {
        final int keys =
                PageKeys.compare(one.high(), one.middle(), one.low(), other.high(), other.middle(), other.low());
        return keys != 0 ? keys : Long.compare(one.lsn(), other.lsn());
    }

    /** An entry of one of the tables. */
    record Found(MemoryTable table, long entry) implements StoredLog.Value {
        int kindByte() {
            return table.kindByte(entry);
        }

        int kind() {
            return EntryKind.kind(kindByte());
        }

        @Override
        public MemorySegment payload() {
            return table.payloadSegment().asSlice(table.payloadOffset(entry), table.payloadLength(entry));
        }
    }

    /** The entries of a key that matter at an LSN: newest first, the last one stands alone unless there is none that does. */
    List<Found> entries(final long high, final long middle, final long low, final long atLsn, final long floorLsn) {
        final List<Found> found = new ArrayList<>();
        for (final MemoryTable table : tables.reversed()) {
            long entry = table.newest(high, middle, low, atLsn);
            while (entry != MemoryTable.NONE && table.lsn(entry) > floorLsn) {
                found.add(new Found(table, entry));
                if (EntryKind.standsAlone(table.kindByte(entry))) {
                    return found;
                }
                entry = table.older(entry);
            }
        }
        return found;
    }

    /** The newest entry of a key that is no page; null when there is none, or nothing any more. */
    @Override
    public Found state(final long high, final long middle, final long low, final long atLsn) {
        final List<Found> found = entries(high, middle, low, atLsn, Lsn.INVALID);
        return found.isEmpty() || found.getFirst().kind() == EntryKind.ABSENT ? null : found.getFirst();
    }

    /** All keys of some classes that have a state at an LSN. */
    @Override
    public List<long[]> keys(final KeyRange range, final long atLsn) {
        final List<long[]> keys = new ArrayList<>();
        for (final MemoryTable table : tables) {
            try (MemoryTableScan scan = table.sorted(range)) {
                while (scan.advance() == SortedEntries.ENTRY) {
                    keys.add(new long[] {scan.high(), scan.middle(), scan.low()});
                }
            }
        }
        keys.sort((one, other) -> PageKeys.compare(one[0], one[1], one[2], other[0], other[1], other[2]));
        final List<long[]> once = new ArrayList<>();
        for (final long[] key : keys) {
            if ((once.isEmpty() || !Arrays.equals(once.getLast(), key))
                    && state(key[0], key[1], key[2], atLsn) != null) {
                once.add(key);
            }
        }
        return once;
    }

    /** Reads a page of a relation or an SLRU as it was. */
    @Override
    public void read(final long high, final long middle, final long low, final long atLsn, final MemorySegment into) {
        final long floor = head.floorLsn(high, middle, low, atLsn);
        final List<Found> found = entries(high, middle, low, atLsn, floor);
        if (found.isEmpty() || !EntryKind.standsAlone(found.getLast().kindByte())) {
            readBehind(high, middle, low, floor, into);
        }
        for (final Found entry : found.reversed()) {
            apply(entry, low, into);
        }
    }

    private void readBehind(
            final long high, final long middle, final long low, final long floor, final MemorySegment into) {
        final long source = floor == HeadState.NO_FLOOR ? 0 : head.floorSource(high, middle, low, floor);
        if (source == HeadState.ZEROES) {
            into.fill((byte) 0);
        } else if (floor != HeadState.NO_FLOOR) {
            read(
                    PageKeys.high(KeyClass.PAGE, BlockKey.tablespace(source)),
                    PageKeys.middle(BlockKey.database(source), PageKeys.relfilenode(middle)),
                    low,
                    floor,
                    into);
        } else {
            readBase(high, middle, low, into);
        }
    }

    private void readBase(final long high, final long middle, final long low, final MemorySegment into) {
        final int block = PageKeys.block(low);
        if (PageKeys.keyClass(high) == KeyClass.SLRU_PAGE) {
            final Slru slru = Slru.values()[PageKeys.fork(low)];
            final int file = index.slruFile(slru, block);
            if (file == BaseIndex.ABSENT) {
                into.fill((byte) 0);
            } else {
                base.readRange(file, slru.offsetInSegment(block), into);
            }
            return;
        }
        final int file = index.file(
                PageKeys.tablespace(high),
                PageKeys.database(middle),
                PageKeys.relfilenode(middle),
                PageKeys.fork(low),
                block);
        if (file == BaseIndex.ABSENT) {
            into.fill((byte) 0);
        } else {
            base.readPage(file, block, into);
        }
    }

    private void apply(final Found found, final long low, final MemorySegment into) {
        final MemoryTable table = found.table;
        final long entry = found.entry;
        if (EntryKind.standsAlone(found.kindByte())) {
            into.fill((byte) 0);
        }
        switch (found.kind()) {
            case EntryKind.RECORD -> {
                redo.hintBitsLogged(head.hints().hintBitsLogged(table.lsn(entry)));
                redo.apply(
                        stored.wrap(
                                table.payloadSegment(),
                                table.payloadOffset(entry),
                                table.payloadLength(entry),
                                table.recordAtLsn(entry),
                                table.lsn(entry)),
                        table.touch(entry),
                        into);
            }
            case EntryKind.IMAGE ->
                MemorySegment.copy(table.payloadSegment(), table.payloadOffset(entry), into, 0, PageLayout.PAGE_BYTES);
            case EntryKind.ZEROES -> into.fill((byte) 0);
            case EntryKind.EMPTY_PAGE -> page.wrap(into, 0).initialize(0);
            case EntryKind.SLRU_CHANGES ->
                SlruChanges.apply(
                        Slru.values()[PageKeys.fork(low)],
                        PageKeys.block(low),
                        into,
                        0,
                        table.payloadSegment(),
                        table.payloadOffset(entry),
                        table.payloadLength(entry));
            default ->
                throw new IllegalStateException(
                        "a page with an entry of kind " + found.kind() + " at " + Lsn.format(table.lsn(entry)));
        }
    }
}
