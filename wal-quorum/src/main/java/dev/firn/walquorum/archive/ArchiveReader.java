package dev.firn.walquorum.archive;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalEndReason;
import dev.firn.postgres.wal.WalPageCheck;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads WAL from the archive, from any position on, by ranges that are fetched ahead. Every page that goes by is checked to be the
 * one that belongs there, and each segment to be of this cluster.
 *
 * <p>A segment is looked for under the names that it may have, newest timeline first, as Postgres does; then as a partial one,
 * whose bytes end in zeroes.
 *
 * <p>Belongs to the session's thread, which polls the session.
 */
public final class ArchiveReader implements AutoCloseable {
    /** One request. */
    static final int CHUNK_BYTES = 1 << 20;

    /** Requests on their way or waiting to be handed over. */
    static final int CHUNKS = 4;

    private static final MemoryTag TAG = MemoryTag.of("wal-archive-read");

    /** How far it is. */
    public enum State {
        READING,
        /** The next segment is not in the archive: {@link #position()} says which byte. {@link #begin} tries again. */
        MISSING,
        /** It cannot go on: {@link #sentence()} says why. */
        FAILED
    }

    private final StoreSession session;
    private final TimelineKeys keys;
    private final WalReaderConfig pages;
    private final int segmentBytes;
    private final PostgresTimelines timelines;
    private final CallOptions options;
    private final OffHeapMemory memory;
    private final Chunk[] chunks = new Chunk[CHUNKS];
    private final PageGate gate;
    private State state = State.MISSING;
    private String sentence;

    /** The next byte to be handed over, and the next to be asked for. */
    private long position;

    private long askedLsn;

    /** The segment that is read, once its name is known. */
    private long segment = -1;

    private String key;
    private ObjectVersion version;
    private boolean partial;

    /** Names that the segment may have, which are tried one after the other. */
    private List<String> candidates = List.of();

    private int candidate;
    private boolean resolving;

    /** Calls of an earlier {@link #begin} are answered into the void. */
    private int generation;

    private boolean closed;

    private static final class Chunk {
        private MemorySegment memory;
        private long lsn;
        private long lengthBytes;
        private boolean inFlight;
        private boolean filled;
        private boolean checked;
    }

    /**
     * @param timelines the newest that are known: later ones are not found.
     * @param memory as much as {@link #memoryBytes}.
     */
    public ArchiveReader(
            final StoreSession session,
            final TimelineEntry timeline,
            final PostgresTimelines timelines,
            final OffHeapMemory memory,
            final CallOptions options) {
        this.session = session;
        this.keys = timeline.keys();
        this.pages = ArchiveConfig.pagesOf(timeline);
        this.segmentBytes = timeline.walSegmentBytes();
        this.timelines = timelines;
        this.memory = memory;
        this.options = options;
        this.gate = new PageGate(pages);
        for (int i = 0; i < CHUNKS; i++) {
            chunks[i] = new Chunk();
            chunks[i].memory = memory.allocate(CHUNK_BYTES, TAG);
        }
    }

    /** How much memory one reader takes. */
    public static long memoryBytes() {
        return CHUNKS * OffHeapMemory.slotBytes(CHUNK_BYTES);
    }

    /** Begins at a position, or goes on there after {@link State#MISSING}. */
    public void begin(final long lsn) {
        if (lsn <= Lsn.INVALID || lsn > WalSegments.MAX_READABLE_LSN) {
            throw new IllegalArgumentException(Lsn.format(lsn) + " is no position to read WAL from");
        }
        generation++;
        state = State.READING;
        sentence = null;
        position = lsn;
        segment = -1;
        resolving = false;
        for (final Chunk chunk : chunks) {
            chunk.filled = false;
        }
    }

    public State state() {
        return state;
    }

    /** Why it failed. */
    public String sentence() {
        return sentence;
    }

    /** The next byte to be handed over. */
    public long position() {
        return position;
    }

    /** Whether the segment that was read last is a partial one: zeroes in it may be the end of the log. */
    public boolean isPartial() {
        return partial;
    }

    /** Asks for what is next, and hands over in order what has come; returns how much was done. */
    public int poll(final CommittedWal.Handler handler) {
        if (state != State.READING || closed) {
            return 0;
        }
        return segment != position / segmentBytes ? resolve() : ask() + handOver(handler);
    }

    private int resolve() {
        if (resolving || session.room() == 0) {
            return 0;
        }
        final long wanted = position / segmentBytes;
        candidates = names(wanted);
        candidate = 0;
        final Chunk chunk = freeChunk();
        if (chunk == null) {
            return 0;
        }
        resolving = true;
        tryName(wanted, chunk);
        return 1;
    }

    private List<String> names(final long wanted) {
        final List<String> names = new ArrayList<>();
        for (final int timeline : timelines.history().candidates(wanted, segmentBytes)) {
            names.add(keys.segment(WalSegments.fileName(timeline, wanted, segmentBytes)));
        }
        for (final String whole : List.copyOf(names)) {
            names.add(whole + TimelineKeys.PARTIAL);
        }
        return names;
    }

    private void tryName(final long wanted, final Chunk chunk) {
        final String name = candidates.get(candidate);
        final int asked = generation;
        chunk.inFlight = true;
        session.get(name, 0, chunk.memory.asSlice(0, WalPageCheck.HEADER_BYTES), null, options, outcome -> {
            ended(chunk);
            if (asked == generation && !closed) {
                onFirstPage(wanted, name, chunk, outcome);
            }
        });
    }

    private void onFirstPage(final long wanted, final String name, final Chunk chunk, final GetOutcome outcome) {
        if (outcome instanceof NotFound && ++candidate < candidates.size()) {
            tryName(wanted, chunk);
            return;
        }
        resolving = false;
        switch (outcome) {
            case NotFound _ -> state = State.MISSING;
            case GetOutcome.Fetched fetched -> {
                if (fetched.objectBytes() != segmentBytes) {
                    fail(ArchiveListing.wrongLength(name, fetched.objectBytes(), segmentBytes));
                    return;
                }
                final WalEndReason reason = WalPageCheck.defect(chunk.memory, 0, wanted * segmentBytes, pages);
                if (reason != null) {
                    fail(name + " is not the segment that should be there: " + reason.sentence());
                    return;
                }
                key = name;
                version = fetched.version();
                partial = name.endsWith(TimelineKeys.PARTIAL);
                segment = wanted;
                askedLsn = position & -WalPageCheck.PAGE_BYTES;
                gate.begin();
            }
            case GetOutcome.OutOfRange _ -> fail(ArchiveListing.wrongLength(name, 0, segmentBytes));
            case GetOutcome.VersionChanged changed -> fail("cannot read " + name + ": " + changed.reason());
            case Failed failed -> fail(StoreSentence.of("cannot read " + name, failed));
        }
    }

    private int ask() {
        int work = 0;
        final long end = (segment + 1) * segmentBytes;
        while (askedLsn < end && session.room() > 0) {
            final Chunk chunk = freeChunk();
            if (chunk == null) {
                return work;
            }
            chunk.lsn = askedLsn;
            chunk.lengthBytes = Math.min(CHUNK_BYTES, end - askedLsn);
            chunk.inFlight = true;
            chunk.checked = false;
            askedLsn += chunk.lengthBytes;
            final int asked = generation;
            session.get(
                    key,
                    chunk.lsn - segment * segmentBytes,
                    chunk.memory.asSlice(0, chunk.lengthBytes),
                    version,
                    options,
                    outcome -> {
                        ended(chunk);
                        if (asked == generation && !closed) {
                            onChunk(chunk, outcome);
                        }
                    });
            work++;
        }
        return work;
    }

    private void onChunk(final Chunk chunk, final GetOutcome outcome) {
        switch (outcome) {
            case GetOutcome.Fetched fetched -> {
                if (fetched.lengthBytes() == chunk.lengthBytes) {
                    chunk.filled = true;
                } else {
                    fail(ArchiveListing.wrongLength(key, fetched.objectBytes(), segmentBytes));
                }
            }
            case GetOutcome.OutOfRange shorter ->
                fail(ArchiveListing.wrongLength(key, shorter.objectBytes(), segmentBytes));
            case GetOutcome.VersionChanged changed -> fail(key + " has changed while it was read: " + changed.reason());
            case NotFound _ -> fail(key + " was deleted while it was read");
            case Failed failed -> fail(StoreSentence.of("cannot read " + key, failed));
        }
    }

    private int handOver(final CommittedWal.Handler handler) {
        int work = 0;
        Chunk chunk = filledAt(position);
        while (chunk != null) {
            if (!chunk.checked) {
                if (!gate.pass(chunk.lsn, chunk.memory, 0, chunk.lengthBytes)) {
                    fail(key + " is damaged: " + gate.defect());
                    return work;
                }
                chunk.checked = true;
            }
            final long offset = position - chunk.lsn;
            final int taken = handler.onCommitted(position, chunk.memory, offset, (int) (chunk.lengthBytes - offset));
            work += taken > 0 ? 1 : 0;
            position += taken;
            if (position < chunk.lsn + chunk.lengthBytes) {
                return work;
            }
            chunk.filled = false;
            chunk = segment == position / segmentBytes ? filledAt(position) : null;
        }
        return work;
    }

    private Chunk filledAt(final long lsn) {
        for (final Chunk chunk : chunks) {
            if (chunk.filled && chunk.lsn <= lsn && lsn < chunk.lsn + chunk.lengthBytes) {
                return chunk;
            }
        }
        return null;
    }

    private Chunk freeChunk() {
        for (final Chunk chunk : chunks) {
            if (!chunk.inFlight && !chunk.filled) {
                return chunk;
            }
        }
        return null;
    }

    private void fail(final String why) {
        if (state != State.FAILED) {
            state = State.FAILED;
            sentence = why;
        }
    }

    private void ended(final Chunk chunk) {
        chunk.inFlight = false;
        if (closed) {
            memory.free(chunk.memory);
        }
    }

    /** Whether no call is on its way any more. */
    public boolean isIdle() {
        for (final Chunk chunk : chunks) {
            if (chunk.inFlight) {
                return false;
            }
        }
        return true;
    }

    /** Gives the memory back: what a call on its way may still write, when that has ended, by the session's end at the latest. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (final Chunk chunk : chunks) {
            if (!chunk.inFlight) {
                memory.free(chunk.memory);
            }
        }
    }
}
