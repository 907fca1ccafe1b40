package dev.firn.walquorum.archive;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.reader.CommittedWalReaders;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One log of an {@link ArchiveAgent}: looks its timeline up in the catalogue, and archives it then. */
final class LogArchive implements AutoCloseable {
    private final StoreSession session;
    private final StoreLimits limits;
    private final ArchiveTask task;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final ArchiveConfig config;
    private final ArchiveListener listener;
    private final TimelineCatalog catalog;
    private final ReaderWal wal;
    private SegmentArchiver archiver;
    private int turn;
    private int turns;
    private boolean asking;
    private long askDueNs;
    private String trouble;
    private String failure;
    private long toldLsn;
    private boolean closed;

    /** A tail that waits for being committed, as far as is known here. */
    private long tailLsn;

    private Consumer<String> tailHandler;

    LogArchive(
            final StoreSession session,
            final StoreLimits limits,
            final CommittedWalReaders readers,
            final ArchiveTask task,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final ArchiveConfig config,
            final ArchiveListener listener) {
        this.session = session;
        this.limits = limits;
        this.task = task;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.config = config;
        this.listener = listener;
        this.catalog = new TimelineCatalog(session, memory, config.options());
        this.wal = new ReaderWal(readers, task.logId(), task.nodes(), task.startLsn());
        this.turn = task.turn();
        this.turns = task.turns();
        this.askDueNs = clock.nanoTime();
    }

    long logId() {
        return task.logId();
    }

    void update(final ArchiveTask newer) {
        turn = newer.turn();
        turns = newer.turns();
        wal.trimmed(newer.startLsn());
        if (archiver != null) {
            archiver.turns(turn, turns);
        }
    }

    int doWork() {
        if (archiver == null) {
            return ask();
        }
        if (tailHandler != null && wal.committedLsn() >= tailLsn) {
            final Consumer<String> handler = tailHandler;
            tailHandler = null;
            archiver.archivePartial(tailLsn, handler);
        }
        final int work = archiver.doWork();
        if (archiver.archivedLsn() != toldLsn) {
            toldLsn = archiver.archivedLsn();
            listener.onArchived(task.logId(), toldLsn);
        }
        return work;
    }

    void tail(final long upToLsn, final Consumer<String> handler) {
        if (tailHandler != null || (archiver != null && archiver.isArchivingPartial())) {
            handler.accept("the tail of the log is being archived already");
        } else {
            tailLsn = upToLsn;
            tailHandler = handler;
        }
    }

    /** The entry comes before the first WAL, but not before the log. */
    private int ask() {
        final long nowNs = clock.nanoTime();
        if (asking || failure != null || nowNs - askDueNs < 0 || session.room() == 0) {
            return 0;
        }
        asking = true;
        catalog.read(task.timeline(), outcome -> {
            asking = false;
            askDueNs = clock.nanoTime() + config.checkNs();
            if (closed) {
                return;
            }
            switch (outcome) {
                case CatalogOutcome.Entry found -> begin(found.entry());
                case CatalogOutcome.None _ ->
                    trouble = "the timeline " + task.timeline() + " is not in the catalogue yet";
                case CatalogOutcome.Refused refused -> trouble = refused.sentence();
                default -> throw new IllegalStateException("a read is not answered " + outcome);
            }
        });
        return 1;
    }

    private void begin(final TimelineEntry entry) {
        if (entry.logId() != task.logId()) {
            failure = "the log " + HexFormat.of().toHexDigits(task.logId()) + " is not that of the timeline "
                    + entry.name() + ", which is " + HexFormat.of().toHexDigits(entry.logId());
            return;
        }
        trouble = null;
        archiver = new SegmentArchiver(
                session,
                limits,
                entry,
                Math.max(task.startLsn(), entry.startLsn()),
                wal,
                memory,
                clock,
                random,
                config);
        archiver.turns(turn, turns);
    }

    ArchiveStatus status() {
        return archiver == null
                ? new ArchiveStatus(task.timeline(), task.logId(), task.startLsn(), 0, 0, 0, 0, 0, trouble, failure)
                : new ArchiveStatus(
                        task.timeline(),
                        task.logId(),
                        archiver.archivedLsn(),
                        archiver.lagBytes(),
                        archiver.lagNs(),
                        archiver.counters().segmentsPut(),
                        archiver.counters().segmentsTakenOver(),
                        archiver.counters().retries(),
                        archiver.trouble(),
                        archiver.failure());
    }

    @Override
    public void close() {
        closed = true;
        if (tailHandler != null) {
            tailHandler.accept("the archiver was closed");
            tailHandler = null;
        }
        if (archiver != null) {
            archiver.close();
        }
        wal.close();
    }
}
