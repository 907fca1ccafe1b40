package dev.firn.server.pages;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.archive.ArchiveListing;
import dev.firn.walquorum.archive.ArchiveReader;
import dev.firn.walquorum.archive.CommittedWal;
import dev.firn.walquorum.archive.HistoryArchive;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.reader.CommittedWalReader;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderState;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * A timeline's committed WAL from any position on, without an end: from the WAL nodes as long as they have it, and from the archive
 * what they have trimmed; then from the nodes again. What is not taken comes again, and nothing more is asked for meanwhile.
 *
 * <p>While it is open, the nodes keep what lies behind {@link #needFrom}.
 *
 * <p>Belongs to the thread of session and readers, whose owner polls both. {@link #doWork} blocks on nothing.
 */
final class TimelineWal implements AutoCloseable {
    /** What neither nodes nor archive have may come: a segment that is being archived. */
    private static final long PAUSE_NS = 1_000_000_000L;

    private final StoreSession session;
    private final TimelineEntry entry;
    private final OffHeapMemory memory;
    private final CallOptions options;
    private final Clock clock;
    private final CommittedWal.Handler handler;
    private final CommittedWalReader reader;
    private State state = State.NODES;
    private ArchiveReader archive;
    private long positionLsn;
    private long pauseUntilNs;
    private long bytesFromNodes;
    private long bytesFromArchive;
    private String trouble = "";
    private boolean closed;

    private enum State {
        /** The WAL nodes send. */
        NODES,
        /** They have trimmed what is wanted: what the archive has is being asked. */
        ASKING,
        ARCHIVE,
        /** Neither has it at present. */
        PAUSE
    }

    /**
     * @param nodes the WAL nodes, the one to begin with first.
     * @param handler takes the WAL, in order.
     */
    TimelineWal(
            final StoreSession session,
            final CommittedWalReaders readers,
            final List<Integer> nodes,
            final TimelineEntry entry,
            final long fromLsn,
            final OffHeapMemory memory,
            final CallOptions options,
            final Clock clock,
            final CommittedWal.Handler handler) {
        this.session = session;
        this.entry = entry;
        this.memory = memory;
        this.options = options;
        this.clock = clock;
        this.handler = handler;
        this.positionLsn = fromLsn;
        this.reader = readers.open(entry.logId(), nodes, fromLsn, this::onWal);
        reader.needFrom(fromLsn);
    }

    /** The next byte to be handed over. */
    long positionLsn() {
        return positionLsn;
    }

    /** Up to where the log is committed, as far as was heard. */
    long committedLsn() {
        return Math.max(reader.committedLsn(), positionLsn);
    }

    /** WAL from here on is kept by the WAL nodes. */
    void needFrom(final long lsn) {
        reader.needFrom(lsn);
    }

    long bytesFromNodes() {
        return bytesFromNodes;
    }

    long bytesFromArchive() {
        return bytesFromArchive;
    }

    /** What keeps it from going on, in one sentence; empty for nothing. */
    String trouble() {
        // While the archive is read, what a node refused is what the archive has.
        return trouble.isEmpty() && state == State.NODES ? reader.refusal() : trouble;
    }

    /** Goes on; returns how much was done. */
    int doWork() {
        return switch (state) {
            case NODES -> fromNodes();
            case ASKING -> 0;
            case ARCHIVE -> fromArchive();
            case PAUSE -> endPause();
        };
    }

    private int fromNodes() {
        if (reader.state() != ReaderState.TRIMMED) {
            return 0;
        }
        state = State.ASKING;
        if (archive != null) {
            beginArchive();
        } else {
            ArchiveListing.begin(session, entry.keys(), entry.walSegmentBytes(), options, this::onListed);
        }
        return 1;
    }

    private int onWal(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        if (state != State.NODES) {
            return 0;
        }
        final int taken = handler.onCommitted(lsn, segmentOf(buffer, offset, length), 0, length);
        positionLsn = lsn + taken;
        bytesFromNodes += taken;
        trouble = "";
        return taken;
    }

    /** The buffer's memory is borrowed for as long as the bytes are. */
    private static MemorySegment segmentOf(final DirectBuffer buffer, final int offset, final int length) {
        return buffer.byteArray() != null
                ? MemorySegment.ofArray(buffer.byteArray()).asSlice(buffer.wrapAdjustment() + (long) offset, length)
                : MemorySegment.ofAddress(buffer.addressOffset() + offset).reinterpret(length);
    }

    private void onListed(final ArchiveListing.Outcome outcome) {
        if (closed) {
            return;
        }
        switch (outcome) {
            case ArchiveListing.Outcome.Listed listed -> {
                final List<Integer> histories = listed.contents().histories();
                if (histories.isEmpty()) {
                    openArchive(PostgresTimelines.of(entry.postgresTimeline()));
                } else {
                    new HistoryArchive(session, entry.keys(), memory, options)
                            .get(histories.getLast(), this::onHistory);
                }
            }
            case ArchiveListing.Outcome.Unavailable unavailable -> pause(unavailable.sentence());
            case ArchiveListing.Outcome.Wrong wrong -> pause(wrong.sentence());
        }
    }

    private void onHistory(final HistoryArchive.Outcome outcome) {
        if (closed) {
            return;
        }
        switch (outcome) {
            case HistoryArchive.Outcome.Found found -> openArchive(PostgresTimelines.of(found.file()));
            case HistoryArchive.Outcome.None _ -> pause("a history of " + entry.name() + " went while it was read");
            case HistoryArchive.Outcome.Unavailable unavailable -> pause(unavailable.sentence());
            case HistoryArchive.Outcome.Wrong wrong -> pause(wrong.sentence());
        }
    }

    private void openArchive(final PostgresTimelines timelines) {
        archive = new ArchiveReader(session, entry, timelines, memory, options);
        beginArchive();
    }

    private void beginArchive() {
        archive.begin(positionLsn);
        state = State.ARCHIVE;
    }

    private int fromArchive() {
        // The end of a partial segment is zeroes, which only the WAL nodes can tell from WAL.
        final boolean isOver = archive.state() != ArchiveReader.State.READING || archive.isPartial();
        if (!isOver) {
            final int work = archive.poll((lsn, bytes, offset, length) -> {
                if (archive.isPartial()) {
                    return 0;
                }
                final int taken = handler.onCommitted(lsn, bytes, offset, length);
                positionLsn = lsn + taken;
                bytesFromArchive += taken;
                trouble = "";
                return taken;
            });
            return work;
        }
        if (archive.state() == ArchiveReader.State.FAILED) {
            pause(archive.sentence());
        } else {
            pause("");
        }
        return 1;
    }

    /** The archive is at its end, or out of reach: the nodes have the rest, or it comes. */
    private void pause(final String why) {
        trouble = why;
        state = State.PAUSE;
        pauseUntilNs = clock.nanoTime() + (why.isEmpty() && positionLsn != lastPauseLsn ? 0 : PAUSE_NS);
        if (why.isEmpty() && positionLsn == lastPauseLsn) {
            trouble = "the WAL of " + entry.name() + " from " + Lsn.format(positionLsn)
                    + " on is neither with the WAL nodes nor in the archive";
        }
        lastPauseLsn = positionLsn;
    }

    /** Where neither had anything the last time. */
    private long lastPauseLsn = Lsn.INVALID;

    private int endPause() {
        if (clock.nanoTime() - pauseUntilNs < 0 || (archive != null && !archive.isIdle())) {
            return 0;
        }
        if (archive != null) {
            // Opened anew the next time: there may be new histories.
            archive.close();
            archive = null;
        }
        state = State.NODES;
        reader.moveTo(positionLsn);
        return 1;
    }

    /** To be called after the session was closed, or when nothing is on its way. */
    @Override
    public void close() {
        closed = true;
        reader.close();
        if (archive != null) {
            archive.close();
            archive = null;
        }
    }
}
