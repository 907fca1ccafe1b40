package dev.firn.pagestore.ingest;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.pagestore.cluster.RecoverySink;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.effect.Effects;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Takes a timeline's log and fills the memory table: each record is decoded once, its bytes are kept once, and each key that it touches gets an entry.
 * No page is read: what becomes of one is found out by who reads it. Which pages there are, though, is decided here, from the record alone and the
 * {@link HeadState}, by the rules of {@code PageReplay} and {@link RecoverySink}.
 *
 * <p>A record is counted before it is taken: it is refused, does not fit, or is there as a whole. The log is what a quorum has committed, so that it
 * never ends but where more is to come: what Postgres takes for the end of a log is damage here. The one exception to the whole are the sizes of a
 * database's relations, when it is copied or dropped and they are more than a table has room for: they go on in the next tables, and as long as they
 * do, the applied LSN is that before the record.
 *
 * <p>One thread, the shard's. Usual records allocate nothing.
 */
public final class Ingest implements AutoCloseable {
    /** What the cluster's entry takes, which a seal adds: always left free. */
    private static final int SEAL_ENTRIES = 1;

    private final HeadState head;
    private final IngestConfig config;
    private final WalReader reader;
    private final Redo redo;
    private final Effects effects;
    private final EntryWriter writer;
    private final InvalidPages invalidPages = new InvalidPages();
    private final IngestTarget target;
    private final RecoverySink sink;
    private final RecordSizer sizer;
    private final PageIngest pages;

    /** Hears of long chains. */
    private LongChainHandler longChains = (high, middle, low, lsn) -> {};

    /** The reader stands on a record that is not taken yet. */
    private boolean pending;

    /** The record is applied, but for sizes that wait for another table. */
    private boolean unfinished;

    private boolean over;
    private long appliedLsn;
    private long records;

    /**
     * Goes on from a state.
     *
     * @param memory for the reader's buffer, which grows with the longest record (at most to twice as much), and some kilobytes.
     * @param startLsn where the log is read from: the base's start, or the end of what was ingested before.
     * @param table where entries go; not closed here.
     */
    public Ingest(
            final HeadState head,
            final IngestConfig config,
            final OffHeapMemory memory,
            final long startLsn,
            final MemoryTable table) {
        if (!head.isLoaded()) {
            throw new IllegalStateException("ingest begins before its state is loaded");
        }
        this.head = Objects.requireNonNull(head, "head");
        this.config = config;
        this.appliedLsn = startLsn;
        this.writer = new EntryWriter(table);
        writer.maxDeltas(config.maxDeltas());
        this.reader = new WalReader(
                WalReaderConfig.of(head.version(), config.segmentBytes())
                        .withSystemIdentifier(config.systemIdentifier()),
                memory);
        this.redo = new Redo(head.version(), memory);
        this.effects = new Effects(head.version());
        this.target = new IngestTarget(head, writer, invalidPages, memory);
        target.clusterIsToldAt(startLsn);
        this.sink = new RecoverySink(head.progress, head.slrus, head.origins, target);
        sink.read(head.sinkState, 0);
        this.sizer = new RecordSizer(head);
        this.pages = new PageIngest(head, target, writer, redo);
        reader.begin(startLsn);
    }

    @Override
    public void close() {
        target.close();
        redo.close();
        reader.close();
    }

    /** Who hears of keys with many deltas. */
    public void longChains(final LongChainHandler handler) {
        longChains = Objects.requireNonNull(handler, "handler");
    }

    /** Where the log is needed from; whole pages before it may come again. */
    public long neededLsn() {
        return reader.neededLsn();
    }

    /**
     * Gives bytes of the log. Only after NEEDS_WAL, or first.
     *
     * @param lsn of the first byte: at or before {@link #neededLsn()}.
     * @param bytes borrowed until {@link #step} says NEEDS_WAL.
     */
    public void feed(final long lsn, final MemorySegment bytes, final long offset, final long lengthBytes) {
        if (pending) {
            throw new IllegalStateException("fed WAL at " + Lsn.format(lsn) + " before the record at "
                    + Lsn.format(reader.record().lsn()) + " was taken");
        }
        reader.feed(lsn, bytes, offset, lengthBytes);
    }

    /**
     * Takes at most so many records.
     *
     * @throws IngestException when the log is damaged, or has what cannot be redone. Ingest is over then, and nothing of that record is in the table.
     */
    public IngestStep step(final int limit) {
        if (over) {
            throw new IllegalStateException("ingest is over at " + Lsn.format(appliedLsn));
        }
        for (int taken = 0; taken < limit; taken++) {
            if (!pending) {
                switch (reader.next()) {
                    case NEEDS_BYTES -> {
                        return IngestStep.NEEDS_WAL;
                    }
                    case ENDED -> throw end(new IngestException(reader.end().describe()));
                    case RECORD -> pending = true;
                }
            }
            if (!take(reader.record())) {
                return IngestStep.FULL;
            }
            pending = false;
        }
        return IngestStep.MORE;
    }

    /** Takes a record, or says that it does not fit. */
    private boolean take(final WalRecord record) {
        try {
            if (unfinished) {
                return finish(record);
            }
            final TouchedPages touched = redo.touchedPages(record);
            size(record, touched);
            if (!mayBegin(record)) {
                return false;
            }
            pages.decide(record, touched, invalidPages, consistent());
            return apply(record, touched);
        } catch (final IngestException e) {
            throw end(e);
        } catch (final RedoException e) {
            throw end(new IngestException(e.getMessage(), e));
        } catch (final MalformedDataException e) {
            throw end(new IngestException("WAL record at " + Lsn.format(record.lsn()) + ": " + e.getMessage(), e));
        }
    }

    private void size(final WalRecord record, final TouchedPages touched) {
        sizer.clear();
        effects.tell(record, sizer);
        pages.size(record, touched, sizer);
        sizer.add(SEAL_ENTRIES, ClusterEntry.BYTES);
    }

    /** Whether the table has room for all of the record, or, where no table has, is empty and takes the first part. */
    private boolean mayBegin(final WalRecord record) {
        final MemoryTable table = writer.table();
        if (table.couldHaveRoom(sizer.payloadBytes(), sizer.entries())) {
            return table.hasRoom(sizer.payloadBytes(), sizer.entries());
        }
        if (!table.couldHaveRoom(sizer.leastPayloadBytes(), sizer.leastEntries())) {
            throw new IngestException("the WAL record at " + Lsn.format(record.lsn()) + " with "
                    + record.lengthBytes() + " bytes may come to " + sizer.entries() + " entries with "
                    + sizer.payloadBytes() + " bytes, more than a memory table has room for: give it a larger one");
        }
        // So that the LSN before the record is where what was sealed ends: from there on it is read again after a
        // crash.
        return table.startLsn() == appliedLsn && table.hasRoom(sizer.leastPayloadBytes(), sizer.leastEntries());
    }

    private boolean apply(final WalRecord record, final TouchedPages touched) {
        target.begin(record.lsn(), record.nextLsn());
        sink.record(record);
        effects.tell(record, sink);
        pages.add(record, touched);
        return finish(record);
    }

    /** Says that the record is there as a whole, or not yet. */
    private boolean finish(final WalRecord record) {
        unfinished = !target.end();
        writer.table().endLsn(record.nextLsn());
        if (unfinished) {
            return false;
        }
        if (target.takeControlFileChanged()) {
            tellCluster();
        }
        appliedLsn = record.nextLsn();
        records++;
        if (invalidPages.count() > 0 && consistent()) {
            throw new IngestException(invalidPages.describe(1).getFirst() + ", and the base and the log up to "
                    + Lsn.format(appliedLsn) + " should have it");
        }
        writer.tellLong(longChains);
        return true;
    }

    /** Whether base and log are one state by now. */
    private boolean consistent() {
        return appliedLsn >= config.consistentLsn();
    }

    private void tellCluster() {
        sink.write(head.sinkState, 0);
        target.tellCluster();
    }

    private IngestException end(final IngestException cause) {
        over = true;
        return cause;
    }

    /**
     * Adds to the table what the next owner must know of the state at {@link #appliedLsn()}: to be called just before the table is frozen. There is
     * always room.
     */
    public void seal() {
        if (!over && !unfinished && appliedLsn > writer.table().startLsn()) {
            target.begin(appliedLsn, appliedLsn);
            tellCluster();
        }
    }

    /** Where entries go from now on. */
    public void table(final MemoryTable next) {
        writer.table(Objects.requireNonNull(next, "next"));
    }

    /** All records up to here are in the tables. */
    public long appliedLsn() {
        return appliedLsn;
    }

    /** How many records were taken. */
    public long records() {
        return records;
    }

    /** The timeline of Postgres that the last page of the log belongs to; 0 before the first. */
    public int postgresTimeline() {
        return reader.timeline();
    }
}
