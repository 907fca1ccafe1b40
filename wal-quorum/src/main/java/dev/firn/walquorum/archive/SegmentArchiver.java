package dev.firn.walquorum.archive;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalPageCheck;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Puts the finished segments of one log into the object store, in turns with the other nodes that hold the log.
 *
 * <p>At its start it lists what is there. Then it keeps a window of segments ({@link SegmentWindow}) beyond the first that is
 * missing: its own it puts, those of others it looks for, and takes over what is late. Bytes are read from the log when they are
 * put, and read again when that failed: with the store away for hours nothing is lost, and nothing grows but the log, which is
 * trimmed up to {@link #archivedLsn()} only.
 *
 * <p>What must not be goes on to nobody: when the log holds what Postgres does not write, or the archive other bytes than the log,
 * {@link #failure()} says so, and nothing of this log is archived, nor trimmed, any more.
 *
 * <p>Belongs to the session's thread, which polls the session. {@code archivedLsn}, lags, failure and counters may be asked from
 * any thread.
 */
public final class SegmentArchiver implements AutoCloseable {
    private static final int HEADER_DEMAND = WalPageCheck.HEADER_BYTES;

    private final StoreSession session;
    private final StoreLimits limits;
    private final TimelineKeys keys;
    private final int segmentBytes;
    private final WalReaderConfig pages;
    private final CommittedWal wal;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final ArchiveConfig config;
    private final SegmentWindow window;
    private final TimelineWatch watch;
    private final List<SegmentPut> puts = new ArrayList<>();
    private final ArchiveCounters counters = new ArchiveCounters();
    private final CommittedWal.Handler onCommitted = this::onCommitted;

    /** What is in the store since before the start; null until it has been listed, and when it is used up. */
    private ArchiveContents contents;

    /** One more than the last segment of them. */
    private long contentsEnd;

    private boolean listed;
    private boolean listing;
    private long listNotBeforeNs;

    /** Which of the puts the log's bytes go to; null for none, or for the watch. */
    private SegmentPut feeding;

    private boolean feedingWatch;
    private boolean checking;
    private int failuresInARow;

    /** Whether a finished segment is not archived, and since when. */
    private boolean behind;

    private long behindSinceNs;

    /** Whether the log has been told what is archived. */
    private boolean released = true;

    private long partialLsn = -1;
    private boolean partialUnderWay;
    private Consumer<String> partialHandler;

    private volatile long archivedLsn;
    private volatile long lagBytes;
    private volatile long lagNs;
    private String trouble;
    private volatile String shownTrouble;
    private volatile String failure;
    private boolean closed;

    /**
     * @param timeline whose log it is.
     * @param fromLsn the first segment that this node's log still has: all before is archived.
     * @param wal where the bytes come from.
     * @param memory at least {@link #memoryBytes} of it.
     * @param random spreads the pauses after failures.
     */
    public SegmentArchiver(
            final StoreSession session,
            final StoreLimits limits,
            final TimelineEntry timeline,
            final long fromLsn,
            final CommittedWal wal,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final ArchiveConfig config) {
        this.session = session;
        this.limits = limits;
        this.keys = timeline.keys();
        this.segmentBytes = timeline.walSegmentBytes();
        this.pages = ArchiveConfig.pagesOf(timeline);
        this.wal = wal;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.config = config;
        if (fromLsn < timeline.startLsn()) {
            throw new IllegalArgumentException("the log of the timeline " + timeline.name() + " begins at "
                    + Lsn.format(timeline.startLsn()) + ", after " + Lsn.format(fromLsn));
        }
        final long first = fromLsn / segmentBytes;
        this.window = new SegmentWindow(first, config.checkNs(), config.takeOverNs());
        this.watch = new TimelineWatch(
                timeline,
                new HistoryArchive(session, keys, memory, config.options()),
                pages,
                first * segmentBytes,
                config);
        this.archivedLsn = first * segmentBytes;
        this.listNotBeforeNs = clock.nanoTime();
    }

    /** How much memory one archiver needs at most. */
    public static long memoryBytes(final StoreLimits limits, final int segmentBytes, final ArchiveConfig config) {
        return (config.slots() + 1L) * SegmentPut.memoryBytes(limits, segmentBytes)
                + OffHeapMemory.slotBytes(HistoryFile.MAX_BYTES);
    }

    /**
     * Says whose turns are this node's: segment n is the turn of node n modulo {@code count}.
     *
     * @param index from 0 to {@code count - 1}, in an order that all nodes agree on; negative for a node that only takes over.
     */
    public void turns(final int index, final int count) {
        window.turns(index, count);
    }

    /** All WAL before is in the store. Never falls. */
    public long archivedLsn() {
        return archivedLsn;
    }

    /** How much committed WAL is not in the store yet, the unfinished segment included. */
    public long lagBytes() {
        return lagBytes;
    }

    /** How long the oldest finished segment that is not in the store yet has been finished. */
    public long lagNs() {
        return lagNs;
    }

    /** What does not work at the moment, and is tried again: one sentence; null for nothing. */
    public String trouble() {
        return shownTrouble;
    }

    /** Why nothing is archived any more: one sentence; null while all is well. */
    public String failure() {
        return failure;
    }

    public ArchiveCounters counters() {
        return counters;
    }

    /**
     * Puts the log's last, unfinished segment beside the others, as far as it is committed, with zeroes behind. For when the log
     * is given up or put to rest. All finished segments are archived first.
     *
     * @param handler hears null when it is done, or why it was not.
     */
    public void archivePartial(final long upToLsn, final Consumer<String> handler) {
        if (partialLsn >= 0) {
            throw new IllegalStateException("a partial segment is being archived already");
        }
        if (upToLsn > wal.committedLsn()) {
            throw new IllegalArgumentException(Lsn.format(upToLsn) + " is not committed");
        }
        partialLsn = upToLsn;
        partialHandler = handler;
    }

    /** Whether a partial segment is asked for, and not put yet. */
    boolean isArchivingPartial() {
        return partialLsn >= 0;
    }

    /** Moves everything on; returns how much was done. The session is polled by its owner. */
    public int doWork() {
        if (closed) {
            return 0;
        }
        final long nowNs = clock.nanoTime();
        final long committed = wal.committedLsn();
        int work = 0;
        if (failure == null) {
            work = listed ? turnOfSegments(committed, nowNs) : turnOfListing(nowNs);
            work += turnOfPartial();
        }
        work += turnOfPuts(nowNs);
        publish(committed, nowNs);
        return work;
    }

    private int turnOfListing(final long nowNs) {
        if (listing || nowNs - listNotBeforeNs < 0 || session.room() == 0) {
            return 0;
        }
        listing = true;
        ArchiveListing.begin(session, keys, segmentBytes, config.options(), outcome -> {
            listing = false;
            switch (outcome) {
                case ArchiveListing.Outcome.Listed found -> {
                    listed = true;
                    contents = found.contents();
                    contentsEnd = contents.runs().stream()
                            .mapToLong(run -> run.lastSegment() + 1)
                            .max()
                            .orElse(0);
                    succeeded();
                }
                case ArchiveListing.Outcome.Unavailable away ->
                    listNotBeforeNs = pausedUntil(clock.nanoTime(), away.sentence());
                case ArchiveListing.Outcome.Wrong wrong -> failure = wrong.sentence();
            }
        });
        return 1;
    }

    private int turnOfSegments(final long committed, final long nowNs) {
        int work = watch.watchTail(committed, nowNs) ? 1 : 0;
        if (watch.failure() != null) {
            failure = watch.failure();
            return 1;
        }
        admit(nowNs);
        work += check(nowNs) + beginPut(nowNs) + feed(committed, nowNs);
        return work;
    }

    /** Lets the window reach as far as names are known; what was there at the start is archived. */
    private void admit(final long nowNs) {
        final long complete = watch.namedLsn() / segmentBytes;
        while (window.end() < complete && window.end() < window.first() + SegmentWindow.SEGMENTS) {
            final long segment = window.end();
            window.completeUpTo(segment + 1, nowNs);
            if (contents != null && contents.holds(segment, watch.timelines())) {
                window.archived(segment);
                counters.found();
            }
        }
        window.ripen(nowNs);
    }

    private int check(final long nowNs) {
        final long segment = checking || session.room() == 0 ? -1 : window.toCheck(nowNs);
        if (segment < 0) {
            return 0;
        }
        beginCheck(segment);
        return 1;
    }

    private void beginCheck(final long segment) {
        checking = true;
        window.busy(segment);
        final String key = key(segment);
        session.head(key, config.options(), outcome -> onChecked(segment, key, outcome));
    }

    private void onChecked(final long segment, final String key, final HeadOutcome outcome) {
        checking = false;
        final long nowNs = clock.nanoTime();
        switch (outcome) {
            case HeadOutcome.Found found -> {
                if (found.lengthBytes() == segmentBytes) {
                    counters.found();
                    window.found(segment);
                    succeeded();
                } else {
                    failure = ArchiveListing.wrongLength(key, found.lengthBytes(), segmentBytes);
                }
            }
            case NotFound _ -> window.again(segment, nowNs + config.checkNs());
            case Failed failed ->
                window.again(segment, pausedUntil(nowNs, StoreSentence.of("cannot look for " + key, failed)));
        }
    }

    private int beginPut(final long nowNs) {
        if (puts.size() >= config.slots() || feeding != null || session.room() == 0) {
            return 0;
        }
        final long segment = window.toPut(nowNs);
        if (segment < 0) {
            return 0;
        }
        final long begin = segment * segmentBytes;
        if (begin < wal.startLsn()) {
            // This log has it no more: others have archived it, as nobody trims what is not.
            if (!checking) {
                beginCheck(segment);
            }
            return 0;
        }
        window.busy(segment);
        begin(new SegmentPut(
                session, limits, memory, config.options(), pages, key(segment), begin, begin + segmentBytes));
        return 1;
    }

    private void begin(final SegmentPut put) {
        puts.add(put);
        feeding = put;
        feedingWatch = false;
        wal.demand(put.position(), put.endLsn());
    }

    /** The watch's page comes between two segments: the bytes of one are not left in the middle. */
    private int feed(final long committed, final long nowNs) {
        abandonWhatIsGone();
        if (feeding == null && !feedingWatch) {
            final long page = watch.wantedPage(wal.startLsn(), committed, nowNs);
            if (page < 0) {
                return 0;
            }
            feedingWatch = true;
            wal.demand(page + watch.gathered(), page + HEADER_DEMAND);
        }
        return feeding == null && !feedingWatch ? 0 : wal.poll(onCommitted);
    }

    private void abandonWhatIsGone() {
        final long start = wal.startLsn();
        if (feeding != null && feeding.position() < start) {
            feeding.abandon("the log begins at " + Lsn.format(start) + " by now");
            feeding = null;
            released = false;
        }
        if (watch.isReadingPage() && watch.pageLsn() < start) {
            watch.abandonPage();
            feedingWatch = false;
            released = false;
        }
    }

    private int onCommitted(final long lsn, final MemorySegment bytes, final long offset, final int lengthBytes) {
        if (feedingWatch) {
            final int taken = watch.take(bytes, offset, lengthBytes);
            feedingWatch = watch.isReadingPage();
            return taken;
        }
        if (feeding == null) {
            return lengthBytes;
        }
        if (lsn != feeding.position()) {
            throw new IllegalStateException(
                    "the log handed over " + Lsn.format(lsn) + " when " + Lsn.format(feeding.position()) + " was next");
        }
        final int taken = feeding.take(bytes, offset, lengthBytes);
        if (!feeding.isFilling()) {
            feeding = null;
        }
        return taken;
    }

    private int turnOfPuts(final long nowNs) {
        int work = 0;
        for (final Iterator<SegmentPut> all = puts.iterator(); all.hasNext(); ) {
            final SegmentPut put = all.next();
            work += put.work();
            if (put.result() != null) {
                all.remove();
                onEnded(put, nowNs);
                work++;
            }
        }
        return work;
    }

    private void onEnded(final SegmentPut put, final long nowNs) {
        if (put.isPartial()) {
            endPartial(put.result() == SegmentPut.Result.STORED ? null : put.sentence());
            return;
        }
        switch (put.result()) {
            case STORED -> {
                counters.put(segmentBytes, !window.isMine(put.segment()));
                window.put(put.segment());
                succeeded();
            }
            case SAME -> {
                counters.found();
                window.found(put.segment());
                succeeded();
            }
            case AGAIN -> window.again(put.segment(), pausedUntil(nowNs, put.sentence()));
            case WRONG -> failure = put.sentence();
        }
    }

    private int turnOfPartial() {
        if (partialLsn < 0 || partialUnderWay || feeding != null || feedingWatch) {
            return 0;
        }
        final long begin = partialLsn / segmentBytes * segmentBytes;
        if (window.first() * segmentBytes < begin) {
            return 0;
        }
        if (begin == partialLsn) {
            endPartial(null);
            return 1;
        }
        partialUnderWay = true;
        final String name = watch.timelines().segmentName(partialLsn / segmentBytes, segmentBytes);
        begin(new SegmentPut(session, limits, memory, config.options(), pages, keys.partial(name), begin, partialLsn));
        return 1;
    }

    private void endPartial(final String sentence) {
        final Consumer<String> handler = partialHandler;
        partialLsn = -1;
        partialUnderWay = false;
        partialHandler = null;
        handler.accept(sentence);
    }

    private String key(final long segment) {
        return keys.segment(watch.timelines().segmentName(segment, segmentBytes));
    }

    private void succeeded() {
        failuresInARow = 0;
        trouble = null;
    }

    /** When to try again: pauses double, and are drawn from their second half so that nodes do not come in step. */
    private long pausedUntil(final long nowNs, final String why) {
        trouble = why;
        counters.retried();
        final long longest =
                Math.min(config.backoffCapNs(), config.backoffBaseNs() << Math.min(failuresInARow, Integer.SIZE));
        failuresInARow++;
        return nowNs + longest / 2 + random.nextLong(longest / 2 + 1);
    }

    private void publish(final long committed, final long nowNs) {
        final long archived = window.first() * segmentBytes;
        if (archived != archivedLsn) {
            archivedLsn = archived;
            released = false;
        }
        if (!released && feeding == null && !feedingWatch) {
            wal.release(archived);
            released = true;
        }
        lagBytes = Math.max(0, committed - archived);
        if (lagBytes < segmentBytes) {
            behind = false;
        } else if (!behind) {
            behind = true;
            behindSinceNs = nowNs;
        }
        // Before the archive has been listed, and while names are not known, the window is empty.
        lagNs = !behind ? 0 : window.first() < window.end() ? window.lagNs(nowNs) : nowNs - behindSinceNs;
        shownTrouble = trouble == null ? watch.trouble() : trouble;
        if (contents != null && window.first() >= contentsEnd) {
            contents = null;
        }
    }

    /** Gives the memory back that is not with the session. To be called before the session is closed, which gives back the rest. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        puts.forEach(SegmentPut::close);
        if (partialLsn >= 0 && !partialUnderWay) {
            endPartial("the archiver was closed");
        }
    }
}
