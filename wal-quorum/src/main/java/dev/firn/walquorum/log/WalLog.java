package dev.firn.walquorum.log;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An acceptor's log: takes WAL bytes and hand-overs in order, and tells when they are durable.
 *
 * <p><b>Group commit.</b> While writes are on their way, what comes is collected in one frame, and goes with the next write. A
 * write is durable by itself ({@link Ring#DURABLE}); writes that are on their way together may end in any order, but are told
 * in theirs.
 *
 * <p><b>A failed write ends the process:</b> {@link #doWork} throws, and what is on disk is found by recovery.
 *
 * <p>Not thread-safe: everything on the thread that opened it. Allocates nothing while frames are of lengths that it had
 * before, and little otherwise.
 */
public final class WalLog implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-log");

    /** Tokens of reads, downwards; of the segments' own operations between them and zero; of frames from 0 up. */
    static final long FIRST_READ_TOKEN = -16;

    /** Beside the frames: allocate, sync and directory sync of the next segment, one at a time; and a reserve. */
    private static final int FURTHER_OPERATIONS = 8;

    private static final int MAX_COMPLETIONS = 64;

    private final long log;
    private final LogConfig config;
    private final LogListener listener;
    private final OffHeapMemory memory;
    private final Ring ring;
    private final LogSegments segments;
    private final LogReads reads;
    private final FrameIndex index;
    private final CompletionHandler onCompletion = this::onCompletion;

    /** All frames, as a ring: those on their way from {@link #oldest} on, then the one that is filled. */
    private final FrameWrite[] frames;

    private final UnsafeBuffer[] views;
    private long oldest;
    private long filling;

    private final TermHistory foundHistory;
    private final long startLsn;
    private final long foundTerm;
    private final long foundEndLsn;

    private long sequence;
    private int previousCrc;
    private long offset;
    private long endLsn;
    private long durableLsn;

    private WalLog(
            final LogConfig config,
            final OffHeapMemory memory,
            final Ring ring,
            final LogSegments segments,
            final LogReads reads,
            final LogListener listener,
            final LogRecovery found,
            final long log,
            final FrameWrite[] frames) {
        this.log = log;
        this.config = config;
        this.listener = listener;
        this.memory = memory;
        this.ring = ring;
        this.segments = segments;
        this.reads = reads;
        this.frames = frames;
        this.views = new UnsafeBuffer[frames.length];
        for (int i = 0; i < frames.length; i++) {
            views[i] = new UnsafeBuffer(frames[i].buffer.address(), (int) frames[i].buffer.byteSize());
        }
        this.index = found.index;
        this.foundHistory = found.history;
        this.foundTerm = found.followedTerm;
        this.foundEndLsn = found.endLsn;
        this.startLsn = found.startLsn;
        this.sequence = found.sequence;
        this.previousCrc = found.previousCrc;
        this.offset = found.offset;
        this.endLsn = found.endLsn;
        this.durableLsn = found.endLsn;
    }

    /**
     * Opens the log below a directory, makes it when there is none, and finds its end. Blocks.
     *
     * @param log which log it is: frames of another one are not taken for its own.
     * @param startLsn where the log begins.
     * @param memory with room for {@link LogConfig#memoryBytes()}; borrowed until the log is closed.
     */
    public static WalLog open(
            final Storage storage,
            final long log,
            final long startLsn,
            final LogConfig config,
            final OffHeapMemory memory,
            final LogListener listener) {
        storage.createDirectories(SegmentNames.DIRECTORY);
        storage.syncDirectory("");
        final FrameWrite[] frames = new FrameWrite[config.writesInFlight() + 1];
        final Ring ring = storage.openRing(
                RingConfig.ofCapacity(config.writesInFlight() + config.readsInFlight() + FURTHER_OPERATIONS));
        LogReads reads = null;
        boolean isOpen = false;
        try {
            for (int i = 0; i < frames.length; i++) {
                frames[i] = new FrameWrite(memory.allocate(config.frameBytes(), TAG));
            }
            reads = new LogReads(storage, ring, memory, config, listener);
            final LogRecovery recovery = new LogRecovery(storage, log, startLsn, config, frames[0].buffer);
            recovery.run();
            final LogSegments segments = new LogSegments(storage, ring, config.segmentBytes(), recovery.segment);
            final WalLog opened = new WalLog(config, memory, ring, segments, reads, listener, recovery, log, frames);
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                release(memory, ring, null, reads, frames);
            }
        }
    }

    /** The history that was found at opening. */
    public TermHistory foundHistory() {
        return foundHistory;
    }

    public long foundTerm() {
        return foundTerm;
    }

    public long foundEndLsn() {
        return foundEndLsn;
    }

    public long startLsn() {
        return startLsn;
    }

    /** How many frames the log's bytes stand in. */
    public int frameCount() {
        return index.count();
    }

    /**
     * Takes bytes for the end of the log. {@link LogListener#onFlushed} follows.
     *
     * @param beginLsn where the log ends.
     * @return how many were taken, from the first on: fewer, or none, when no frame has room.
     */
    public int append(final long term, final long beginLsn, final DirectBuffer buffer, final int at, final int length) {
        if (beginLsn != endLsn) {
            throw new IllegalArgumentException("the log ends at " + endLsn + ", not at " + beginLsn);
        }
        int taken = 0;
        while (taken < length && filling - oldest < frames.length) {
            final int slot = (int) (filling % frames.length);
            final FrameWrite frame = frames[slot];
            if (frame.kind == null) {
                frame.begin(FrameKind.APPEND, term, endLsn);
            } else if (frame.kind == FrameKind.HAND_OVER) {
                throw new IllegalStateException(
                        "bytes of term " + term + ", with the hand-over to " + frame.term + " on its way");
            }
            final int part = Math.min(length - taken, frame.room());
            buffer.getBytes(at + taken, views[slot], FrameLayout.HEADER_BYTES + frame.payloadBytes, part);
            frame.payloadBytes += part;
            taken += part;
            endLsn += part;
            if (frame.room() > 0 || !writeFilling()) {
                break;
            }
        }
        return taken;
    }

    /**
     * Ends the log here, and goes on in this term. {@link LogListener#onHandedOver} follows. Nothing that was appended may be on
     * its way.
     */
    public void handOver(final long term, final TermHistory history, final long lsn) {
        if (oldest != filling || frames[(int) (filling % frames.length)].kind != null) {
            throw new IllegalStateException(
                    "a hand-over, with bytes of term " + frames[(int) (oldest % frames.length)].term + " on their way");
        }
        if (HistoryCodec.bytes(history) > config.frameBytes() - FrameLayout.HEADER_BYTES) {
            throw new LogException(history.count() + " terms do not fit a frame of " + config.frameBytes() + " bytes");
        }
        final FrameWrite frame = frames[(int) (filling % frames.length)];
        frame.begin(FrameKind.HAND_OVER, term, lsn);
        frame.history(history);
        endLsn = lsn;
        index.cutAt(lsn);
        writeFilling();
    }

    /**
     * Reads what is durable from here to the end of the frame that it is in. {@link LogListener#onRead} follows.
     *
     * @return false when too many reads are on their way: ask again.
     * @throws IllegalArgumentException when the log does not hold the byte.
     * @throws LogException from here or {@link #doWork}, when the bytes on disk are damaged.
     */
    public boolean read(final long lsn) {
        final int frame = index.find(lsn);
        if (frame < 0 || lsn >= durableLsn) {
            throw new IllegalArgumentException(
                    "LSN " + lsn + " is not in the log, which goes from " + startLsn + " to " + durableLsn);
        }
        return reads.begin(lsn, index, frame, index.endLsn(frame, durableLsn));
    }

    /**
     * Moves writes on, and tells what has become durable; returns how much was done.
     *
     * @throws StorageException when a write failed: the process must end.
     */
    public int doWork() {
        int work = ring.poll(onCompletion, MAX_COMPLETIONS);
        work += tellInOrder();
        if (!segments.isNextReady()) {
            work += segments.prepareNext();
        }
        if (frames[(int) (filling % frames.length)].kind != null && filling - oldest < config.writesInFlight()) {
            work += writeFilling() ? 1 : 0;
        }
        return work + ring.submit();
    }

    @Override
    public void close() {
        release(memory, ring, segments, reads, frames);
    }

    /** Nothing touches the buffers once the ring is closed. */
    private static void release(
            final OffHeapMemory memory,
            final Ring ring,
            final LogSegments segments,
            final LogReads reads,
            final FrameWrite[] frames) {
        ring.close();
        if (reads != null) {
            reads.close();
        }
        if (segments != null) {
            segments.close();
        }
        for (final FrameWrite frame : frames) {
            if (frame != null) {
                memory.free(frame.buffer);
            }
        }
    }

    /** Seals the frame that is filled, and hands it to the ring; false when it has to wait. */
    private boolean writeFilling() {
        final FrameWrite frame = frames[(int) (filling % frames.length)];
        final int length = FrameLayout.alignedBytes(frame.payloadBytes);
        if (filling - oldest >= config.writesInFlight() || ring.room() < 1) {
            return false;
        }
        if (offset + length > config.segmentBytes()) {
            if (oldest != filling || !segments.isNextReady()) {
                return false;
            }
            segments.advance();
            offset = 0;
        }
        final MemorySegment sealed = frame.seal(previousCrc, log, sequence);
        if (!ring.write(segments.file(), offset, sealed, filling, Ring.DURABLE)) {
            return false;
        }
        if (frame.kind == FrameKind.APPEND) {
            index.add(frame.lsn, frame.payloadBytes, segments.current(), offset + FrameLayout.HEADER_BYTES);
        }
        previousCrc = frame.crc();
        sequence++;
        offset += length;
        filling++;
        return true;
    }

    private void onCompletion(final Completion completion) {
        if (reads.onCompletion(completion) || segments.onCompletion(completion)) {
            return;
        }
        if (completion.failed()) {
            throw completion.failure();
        }
        final FrameWrite frame = frames[(int) (completion.token() % frames.length)];
        if (completion.result() == completion.requestedBytes()) {
            frame.isDurable = true;
        } else {
            writeRest(frame, completion);
        }
    }

    /** A write may end early: its rest is written. */
    private void writeRest(final FrameWrite frame, final Completion completion) {
        final int done = completion.result() - completion.result() % segments.alignmentBytes();
        if (done == 0) {
            throw new LogException("a write of " + completion.requestedBytes() + " bytes to "
                    + completion.file().name() + " at " + completion.fileOffset() + " wrote nothing");
        }
        frame.doneBytes += done;
        if (!ring.write(
                completion.file(),
                completion.fileOffset() + done,
                frame.sealed.asSlice(frame.doneBytes),
                completion.token(),
                Ring.DURABLE)) {
            throw new IllegalStateException("the log's ring has no room for the rest of a write that it took");
        }
    }

    private int tellInOrder() {
        int told = 0;
        while (oldest < filling && frames[(int) (oldest % frames.length)].isDurable) {
            final FrameWrite frame = frames[(int) (oldest % frames.length)];
            final FrameKind kind = frame.kind;
            frame.kind = null;
            oldest++;
            told++;
            if (kind == FrameKind.HAND_OVER) {
                durableLsn = frame.lsn;
                listener.onHandedOver(frame.term);
            } else {
                durableLsn = frame.lsn + frame.payloadBytes;
                listener.onFlushed(frame.term, durableLsn);
            }
        }
        return told;
    }
}
