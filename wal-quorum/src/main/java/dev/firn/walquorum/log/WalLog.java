package dev.firn.walquorum.log;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.walquorum.acceptor.AcceptorState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;

/**
 * An acceptor's log: takes WAL bytes and hand-overs in order, keeps its promises, and tells when they are durable.
 *
 * <p><b>Group commit.</b> While writes are on their way, what comes is collected in one frame, and goes with the next write; when
 * that is full, in further ones. A write is durable by itself ({@link Ring#DURABLE}); writes that are on their way together may
 * end in any order, but are told in theirs.
 *
 * <p><b>Reading.</b> What was written last is still in memory: {@link #readRecent} hands it on at once. {@link #read} goes to the
 * disk, and brings the neighbouring frames as well.
 *
 * <p><b>A failed write ends the process:</b> {@link #doWork} throws, and what is on disk is found by recovery. Only a full disk
 * is waited out.
 *
 * <p>Not thread-safe: everything on the thread that opened it. Appending and reading allocate nothing; promises, hand-overs and
 * the change from one segment to the next allocate a little.
 */
public final class WalLog implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-log");

    /** Beside frames and reads: one each for the control file, the next segment, and its time to retry; and a reserve. */
    private static final int FURTHER_OPERATIONS = 8;

    /** Beside the segments that are read: current, next, directory, control. */
    private static final int FURTHER_FILES = 4;

    /** Segments that are kept open beside those that are read at the moment. */
    private static final int IDLE_FILES = 2;

    /** What the log keeps of the ring's room for the rests of writes that ended early, and for its other operations. */
    private static final int RESERVED_OPERATIONS = 4;

    /** What recovery reads at once; two of the longest frames. */
    private static final long RECOVERY_BYTES = 2L * LogConfig.MAX_FRAME_BYTES;

    private final long log;
    private final LogConfig config;
    private final LogListener listener;
    private final OffHeapMemory memory;
    private final MemorySegment block;
    private final LogRing ring;

    /** Whether the ring is this log's alone. */
    private final boolean isRingOwn;

    private final LogOperations operations;
    private final int slot;
    private final ControlFile control;
    private final SegmentFiles files;
    private final LogSegments segments;
    private final LogReads reads;
    private final FrameBuffer buffer;
    private final RunIndex index;
    private final AcceptorState found;

    /** The base of each segment that counts, the current one's last. */
    private final ArrayDeque<LogBase> bases;

    private long sequence;
    private int previousCrc;
    private long offset;

    /** Where the log ends with all that it took; with all that is sealed; with all that is durable. */
    private long endLsn;

    private long sealedLsn;
    private long durableLsn;

    private long sealedTerm;
    private TermHistory sealedHistory;

    /** Of a hand-over whose frame is not sealed yet, or of a beginning anew that is not durable yet. */
    private TermHistory pendingHistory;

    /** Where the log begins anew, while that is on its way to the disk; else null. */
    private LogBase beginningAnew;

    /** What came out of a completion; the log is of no use from then on. */
    private RuntimeException failure;

    private boolean isClosed;
    private boolean isReleased;

    private WalLog(
            final LogConfig config,
            final OffHeapMemory memory,
            final MemorySegment block,
            final LogRing ring,
            final boolean isRingOwn,
            final LogOperations operations,
            final int slot,
            final Storage storage,
            final LogNames names,
            final LogListener listener,
            final ControlStart.Placed placed,
            final LogRecovery recovery) {
        this.log = placed.state().identity().logId();
        this.config = config;
        this.listener = listener;
        this.memory = memory;
        this.block = block;
        this.ring = ring;
        this.isRingOwn = isRingOwn;
        this.operations = operations;
        this.slot = slot;
        final long readBytes = (long) config.frameBytes() * config.readsInFlight();
        this.buffer = new FrameBuffer(block.asSlice(0, config.bufferBytes()), config.frameBytes());
        this.files = new SegmentFiles(storage, names, operations, config.readsInFlight() + IDLE_FILES);
        this.reads = new LogReads(
                operations, files, listener, log, block.asSlice(config.bufferBytes(), readBytes), config.frameBytes());
        this.control = new ControlFile(
                storage,
                names,
                operations,
                block.asSlice(config.bufferBytes() + readBytes, ControlCodec.SLOT_BYTES),
                placed);
        this.segments = new LogSegments(
                storage,
                names,
                operations,
                files,
                listener,
                config,
                recovery.segment,
                recovery.isSegmentThere,
                block.asSlice(config.memoryBytes() - LogSegments.ZERO_BYTES, LogSegments.ZERO_BYTES));
        this.index = recovery.index;
        this.bases = new ArrayDeque<>(recovery.bases);
        this.sealedHistory = recovery.history;
        this.sealedTerm = recovery.followedTerm;
        this.sequence = recovery.sequence;
        this.previousCrc = recovery.previousCrc;
        this.offset = recovery.offset;
        this.endLsn = recovery.endLsn;
        this.sealedLsn = recovery.endLsn;
        this.durableLsn = recovery.endLsn;
        recovery.retired.forEach(segments::retire);
        if (!recovery.isSegmentThere) {
            bases.clear();
        }
        this.found = foundState(placed.state().promise());
    }

    /** Whether a log was made in this directory. A creation that a crash cut off left none. */
    public static boolean exists(final Storage storage, final String directory) {
        return ControlStart.exists(storage, new LogNames(directory));
    }

    /** What the log in this directory is, without opening it. Blocks. */
    public static LogIdentity identify(final Storage storage, final String directory) {
        return ControlStart.identify(storage, new LogNames(directory));
    }

    /**
     * Makes a log, durably and in one step, and opens it with a ring of its own. Blocks.
     *
     * @param directory within the storage; made when it is not there.
     * @param memory with room for {@link LogConfig#memoryBytes()}; borrowed until the log is closed.
     * @throws LogException when there is one already.
     */
    public static WalLog create(
            final Storage storage,
            final String directory,
            final LogIdentity identity,
            final LogConfig config,
            final OffHeapMemory memory,
            final LogListener listener) {
        ControlStart.create(storage, new LogNames(directory), identity, config);
        return open(storage, directory, identity.logId(), identity.nodeId(), config, memory, listener);
    }

    /** As {@link #create(Storage, String, LogIdentity, LogConfig, OffHeapMemory, LogListener)}, with a ring that logs share. */
    public static WalLog create(
            final Storage storage,
            final String directory,
            final LogIdentity identity,
            final LogConfig config,
            final OffHeapMemory memory,
            final LogRing ring,
            final LogListener listener) {
        ControlStart.create(storage, new LogNames(directory), identity, config);
        return open(storage, directory, identity.logId(), identity.nodeId(), config, memory, ring, listener);
    }

    /**
     * Opens the log in a directory with a ring of its own, and finds its end. Blocks.
     *
     * @param logId which log it must be.
     * @param nodeId whose it must be.
     * @throws LogException when there is none, it is another one, or it is damaged; nothing is written then.
     */
    public static WalLog open(
            final Storage storage,
            final String directory,
            final long logId,
            final int nodeId,
            final LogConfig config,
            final OffHeapMemory memory,
            final LogListener listener) {
        return open(storage, directory, logId, nodeId, config, memory, null, listener);
    }

    /**
     * As {@link #open(Storage, String, long, int, LogConfig, OffHeapMemory, LogListener)}, with a ring that logs share: the
     * thread polls it before, and submits it after, the duty cycles of its logs.
     *
     * @param shared null for a ring of its own.
     */
    public static WalLog open(
            final Storage storage,
            final String directory,
            final long logId,
            final int nodeId,
            final LogConfig config,
            final OffHeapMemory memory,
            final LogRing shared,
            final LogListener listener) {
        final LogNames names = new LogNames(directory);
        final ControlStart.Placed read = ControlStart.read(storage, names, logId, nodeId);
        final ControlState state = read.state();
        final LogConfig settled = config.withSettled(state.segmentBytes(), state.frameBytes());
        final LogRecovery recovery;
        try (Arena arena = Arena.ofConfined()) {
            recovery = new LogRecovery(
                    storage,
                    names,
                    logId,
                    state.base(),
                    settled,
                    arena.allocate(RECOVERY_BYTES, FrameLayout.ALIGNMENT));
            recovery.find();
            requirePromise(state.promise(), recovery.followedTerm, names);
            recovery.settle();
        }
        final ControlStart.Placed placed = ControlStart.settle(storage, names, read);
        final MemorySegment block = memory.allocate(settled.memoryBytes(), TAG);
        LogRing ring = null;
        boolean isOpen = false;
        try {
            ring = shared == null ? LogRing.ofOne(storage, settled) : shared;
            final int slot = ring.freeSlot();
            ring.register(block);
            final LogOperations operations = ring.operations(slot, settled);
            final WalLog opened = new WalLog(
                    settled,
                    memory,
                    block,
                    ring,
                    shared == null,
                    operations,
                    slot,
                    storage,
                    names,
                    listener,
                    placed,
                    recovery);
            ring.put(slot, opened);
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                // A ring that has failed takes nothing away any more: its memory is free all the same.
                try {
                    if (shared != null) {
                        shared.unregister(block);
                    } else if (ring != null) {
                        ring.close();
                    }
                } finally {
                    memory.free(block);
                }
            }
        }
    }

    /** How many operations a log of these sizes has in flight at most. */
    static int operations(final LogConfig config) {
        return config.writesInFlight() + config.readsInFlight() + FURTHER_OPERATIONS;
    }

    /** How many files it has open at most. */
    static int files(final LogConfig config) {
        return config.readsInFlight() + IDLE_FILES + FURTHER_FILES;
    }

    /** The promise comes before the hand-over. */
    private static void requirePromise(final Promise promise, final long followedTerm, final LogNames names) {
        if (promise.term() < followedTerm) {
            throw new LogException("the WAL log in " + names.directory() + " follows term " + followedTerm
                    + ", but promised term " + promise.term()
                    + " only: its control file is older than its segments; remove the directory, and the log is made"
                    + " again from its peers");
        }
    }

    private AcceptorState foundState(final Promise promise) {
        final TermHistory history = new TermHistory();
        history.copyFrom(sealedHistory);
        history.trimBelow(startLsn());
        return new AcceptorState(
                promise.term(), promise.candidate(), promise.membership(), sealedTerm, history, startLsn(), durableLsn);
    }

    /** What was found at opening. */
    public AcceptorState found() {
        return found;
    }

    public LogIdentity identity() {
        return control.identity();
    }

    /** Where the log begins: what is before was trimmed. */
    public long startLsn() {
        return index.isEmpty() ? Math.min(sealedLsn, endLsn) : index.startLsn();
    }

    /** Where the log ends with all that it took, durable or not. */
    public long endLsn() {
        return endLsn;
    }

    /** Where the log ends on disk. */
    public long durableLsn() {
        return durableLsn;
    }

    /** How many segments hold the log, those that are still to be deleted not counted. */
    public int segmentCount() {
        return bases.size();
    }

    /** For a thread that waits for completions: borrowed, until the log is closed. */
    public Ring ring() {
        return ring.ring();
    }

    /** How the log reaches its disk, in one line. */
    public String describe() {
        return ring.describe();
    }

    /**
     * Makes a promise durable. {@link LogListener#onPromiseDurable} follows.
     *
     * @throws IllegalStateException when one is on its way.
     */
    public void writePromise(final long term, final long candidate, final Membership membership) {
        if (control.isPromiseOnItsWay()) {
            throw new IllegalStateException("a promise for term " + term + ", with another one on its way");
        }
        control.write(new Promise(term, candidate, membership));
        control.doWork();
    }

    /**
     * Takes bytes for the end of the log. {@link LogListener#onFlushed} follows.
     *
     * @param beginLsn where the log ends.
     * @return how many were taken, from the first on: fewer, or none, when no frame has room.
     */
    public int append(final long term, final long beginLsn, final DirectBuffer bytes, final int at, final int length) {
        if (beginLsn != endLsn) {
            throw new IllegalArgumentException("the log ends at " + endLsn + ", not at " + beginLsn);
        }
        if (beginningAnew != null) {
            return 0;
        }
        int taken = 0;
        while (taken < length) {
            if (segmentRoom() <= 0) {
                break;
            }
            if (!buffer.isOpen()) {
                if (!buffer.begin(FrameKind.APPEND, term, endLsn)) {
                    break;
                }
            } else if (buffer.openKind() == FrameKind.HAND_OVER) {
                throw new IllegalStateException("bytes of term " + term + ", with a hand-over on its way");
            }
            final int part = Math.min(Math.min(length - taken, buffer.room()), segmentRoom());
            buffer.put(bytes, at + taken, part);
            taken += part;
            endLsn += part;
            if (buffer.room() == 0 && !writeWaiting()) {
                if (!mayKeepWaiting()) {
                    break;
                }
                buffer.close();
            }
        }
        return taken;
    }

    /** Whether one more frame may wait: all that wait have to fit the next segment, for the reason given below. */
    private boolean mayKeepWaiting() {
        return segments.isNextReady() && buffer.waitingBytes() + 2L * config.frameBytes() <= config.segmentBytes();
    }

    /**
     * What the frame that is filled, or the next one, may take so that it can be written. While there is no next segment it has
     * to fit the current one: bytes that waited for space would keep the log from coming to rest, and its acceptor from voting.
     */
    private int segmentRoom() {
        if (segments.isNextReady()) {
            return Integer.MAX_VALUE;
        }
        if (buffer.waiting() < buffer.filling()) {
            return 0;
        }
        final int payload = buffer.isOpen() ? buffer.payloadBytes(buffer.filling()) : 0;
        final long room = config.segmentBytes() - offset - FrameLayout.HEADER_BYTES - payload;
        return (int) Math.min(Integer.MAX_VALUE, room);
    }

    /**
     * Ends the log here, and goes on in this term. {@link LogListener#onHandedOver} follows. Nothing that was appended may be on
     * its way.
     *
     * @param lsn within the log, or its end.
     */
    public void handOver(final long term, final TermHistory history, final long lsn) {
        requireRest("a hand-over to term " + term);
        if (lsn < startLsn() || lsn > endLsn) {
            throw new IllegalArgumentException("a hand-over to term " + term + " at LSN " + lsn + " of a log from "
                    + startLsn() + " to " + endLsn);
        }
        if (HistoryCodec.bytes(history) > config.frameBytes() - FrameLayout.HEADER_BYTES) {
            throw new LogException(history.count() + " terms do not fit a frame of " + config.frameBytes()
                    + " bytes: trim the log, which forgets terms with it");
        }
        buffer.forgetKept();
        if (!buffer.begin(FrameKind.HAND_OVER, term, lsn)) {
            throw new IllegalStateException("no room for a frame in a buffer at rest");
        }
        buffer.put(history);
        pendingHistory = copyOf(history);
        endLsn = lsn;
        index.cutAt(lsn);
        writeWaiting();
    }

    /**
     * Forgets all that the log holds, and begins it here in this term: in one durable step. {@link LogListener#onHandedOver}
     * follows. Nothing that was appended may be on its way. Reads that are on their way are handed on all the same.
     */
    public void restartAt(final long term, final TermHistory history, final long lsn) {
        requireRest("a beginning anew in term " + term);
        if (!ControlCodec.fits(history)) {
            throw new LogException(history.count() + " terms do not fit a control file of " + ControlCodec.SLOT_BYTES
                    + " bytes: trim the proposer's log, which forgets terms with it");
        }
        // No frame of before names this as its predecessor's checksum.
        final int unused = Long.hashCode(sequence * 31 + lsn) ^ previousCrc;
        beginningAnew = new LogBase(segments.current() + 1, false, lsn, sequence, unused, term, copyOf(history));
        control.write(beginningAnew);
        buffer.forgetKept();
        index.clear();
        endLsn = lsn;
        sealedLsn = lsn;
        durableLsn = lsn;
        control.doWork();
    }

    private void requireRest(final String what) {
        if (buffer.inFlight() > 0 || buffer.isWaiting() || beginningAnew != null) {
            throw new IllegalStateException(what + ", with bytes or another hand-over on their way");
        }
    }

    /**
     * Lets go of whole segments whose bytes all lie before this LSN. {@link LogListener#onTrimmed} follows.
     *
     * @return whether any will go; false too when it cannot be done just now, and is to be asked again.
     */
    public boolean trim(final long lsn) {
        if (control.isBaseOnItsWay() || bases.size() < 2) {
            return false;
        }
        final int run = index.find(lsn);
        final long kept = run >= 0
                ? index.segment(run)
                : lsn >= sealedLsn ? bases.getLast().segment() : -1;
        LogBase base = null;
        for (final LogBase candidate : bases) {
            if (candidate.segment() <= kept && ControlCodec.fits(candidate.history())) {
                base = candidate;
            }
        }
        if (base == null || base == bases.getFirst()) {
            return false;
        }
        control.write(base);
        control.doWork();
        return true;
    }

    /**
     * Reads from the disk: from an LSN to another one, or as far as one read reaches. {@link LogListener#onRead} follows.
     *
     * @param token names the request.
     * @return false when too many reads are on their way: ask again.
     * @throws IllegalArgumentException when the first byte is not in the log, or not durable.
     * @throws LogException from {@link #doWork}, when the bytes on disk are damaged.
     */
    public boolean read(final long token, final long fromLsn, final long toLsn) {
        final int run = fromLsn < durableLsn ? index.find(fromLsn) : -1;
        if (run < 0 || toLsn <= fromLsn) {
            throw new IllegalArgumentException("LSN " + fromLsn + " to " + toLsn
                    + " is not in the log, which goes from " + startLsn() + " to " + durableLsn);
        }
        return reads.begin(token, fromLsn, index, run, Math.min(Math.min(index.endLsn(run), durableLsn), toLsn));
    }

    /**
     * Hands durable bytes on that are still in memory, from an LSN to another one, at once.
     *
     * @return how many were taken; 0 when the first one is not in memory, which says nothing about the disk.
     */
    public long readRecent(final long fromLsn, final long toLsn, final BytesHandler handler) {
        return buffer.read(fromLsn, Math.min(toLsn, durableLsn), handler);
    }

    /** Whether {@link #readRecent} has this byte. */
    public boolean isRecent(final long lsn) {
        return buffer.holds(lsn);
    }

    /**
     * Moves writes on, and tells what has become durable; returns how much was done.
     *
     * @throws StorageException when a write failed: the process must end.
     */
    public int doWork() {
        int work = isRingOwn ? ring.poll() : 0;
        if (failure != null) {
            throw failure;
        }
        work += tellInOrder();
        work += segments.doWork();
        work += control.doWork();
        while (buffer.isWaiting() && writeWaiting()) {
            work++;
        }
        return work + (isRingOwn ? ring.submit() : 0);
    }

    /**
     * Gives everything back: at once, or, on a ring that is shared, when that has completed what the log has in flight or is
     * closed. Nobody hears of it any more. Idempotent.
     */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (isRingOwn) {
            ring.close();
        }
        releaseWhenIdle();
    }

    /** Nothing touches the buffers any more. */
    void ringIsClosed() {
        operations.ringIsClosed();
        releaseWhenIdle();
    }

    private void releaseWhenIdle() {
        if (isClosed && !isReleased && operations.inFlight() == 0) {
            isReleased = true;
            files.close();
            segments.close();
            control.close();
            try {
                ring.unregister(block);
            } finally {
                memory.free(block);
                ring.remove(slot);
            }
        }
    }

    /**
     * Whether a short frame is to grow while a long one is on its way. It cannot be told before that is, and in a stream it soon is a long one
     * too: short it would cost a flush of the device, as long ones do.
     */
    private boolean isWorthAWait(final long frame, final int length) {
        return length < config.longWriteBytes()
                && buffer.inFlight() > 0
                && frame == buffer.filling()
                && buffer.payloadBytes(frame - 1) >= config.longWriteBytes();
    }

    /** Seals the first frame that waits, and hands it to the ring; false when it has to wait on. */
    private boolean writeWaiting() {
        final long frame = buffer.waiting();
        final int length = FrameLayout.alignedBytes(buffer.payloadBytes(frame));
        if (buffer.inFlight() >= config.writesInFlight()
                || operations.room() < RESERVED_OPERATIONS
                || isWorthAWait(frame, length)) {
            return false;
        }
        if (offset + length > config.segmentBytes()) {
            if (buffer.inFlight() > 0 || !segments.mayAdvance()) {
                return false;
            }
            segments.advance();
            offset = 0;
            bases.add(
                    new LogBase(segments.current(), true, sealedLsn, sequence, previousCrc, sealedTerm, sealedHistory));
        }
        final FrameKind kind = buffer.kind(frame);
        previousCrc = buffer.seal(previousCrc, log, sequence);
        if (!operations.write(segments.file(), offset, buffer.memory, buffer.position(frame), length, frame)) {
            throw new IllegalStateException("the log's ring has no room for a write, which it said to have");
        }
        if (kind == FrameKind.APPEND) {
            index.add(buffer.lsn(frame), buffer.payloadBytes(frame), segments.current(), offset);
            sealedLsn = buffer.lsn(frame) + buffer.payloadBytes(frame);
        } else {
            sealedLsn = buffer.lsn(frame);
            sealedTerm = buffer.term(frame);
            sealedHistory = pendingHistory;
        }
        sequence++;
        offset += length;
        return true;
    }

    /** An operation of this log has completed. What goes wrong is kept for this log's own duty cycle. */
    void onCompletion(final Completion completion) {
        operations.completed();
        if (isClosed) {
            releaseWhenIdle();
        } else if (failure == null) {
            try {
                handle(completion);
            } catch (final RuntimeException e) {
                failure = e;
            }
        }
    }

    private void handle(final Completion completion) {
        final long token = LogOperations.tokenOf(completion);
        if (token >= LogReads.FIRST_TOKEN) {
            reads.onCompletion(completion);
        } else if (token == ControlFile.TOKEN) {
            onControl(completion);
        } else if (token >= LogOperations.OTHERS) {
            segments.onCompletion(completion);
        } else if (completion.failed()) {
            throw completion.failure();
        } else if (completion.result() == completion.requestedBytes()) {
            buffer.markDurable(token);
        } else {
            writeRest(token, completion);
        }
    }

    /** A write may end early: its rest is written. */
    private void writeRest(final long frame, final Completion completion) {
        final int written = completion.result() - completion.result() % segments.alignmentBytes();
        if (written == 0) {
            throw new LogException("a write of " + completion.requestedBytes() + " bytes to "
                    + completion.file().name() + " at " + completion.fileOffset() + " wrote nothing");
        }
        final int done = buffer.addDone(frame, written);
        if (!operations.write(
                completion.file(),
                completion.fileOffset() + written,
                buffer.memory,
                (long) buffer.position(frame) + done,
                (long) FrameLayout.alignedBytes(buffer.payloadBytes(frame)) - done,
                frame)) {
            throw new IllegalStateException("the log's ring has no room for the rest of a write that it took");
        }
    }

    private void onControl(final Completion completion) {
        final Promise promise = control.promise();
        final LogBase base = control.base();
        if (!control.onCompletion(completion)) {
            return;
        }
        if (control.promise() != promise) {
            listener.onPromiseDurable();
        }
        if (control.base() == base) {
            return;
        }
        if (control.base() == beginningAnew) {
            begunAnew();
        } else if (beginningAnew == null) {
            trimmed();
        }
    }

    private void trimmed() {
        final LogBase base = control.base();
        while (bases.getFirst() != base) {
            segments.retire(bases.removeFirst().segment());
        }
        index.dropBelow(base.segment());
        listener.onTrimmed(startLsn());
    }

    private void begunAnew() {
        final LogBase base = beginningAnew;
        beginningAnew = null;
        segments.leave();
        while (!bases.isEmpty()) {
            segments.retire(bases.removeFirst().segment());
        }
        offset = config.segmentBytes();
        previousCrc = base.previousCrc();
        sealedTerm = base.term();
        sealedHistory = base.history();
        listener.onHandedOver(base.term());
    }

    private int tellInOrder() {
        int told = 0;
        long term = 0;
        boolean isFlushOwed = false;
        while (buffer.inFlight() > 0 && buffer.isDurable(buffer.oldest())) {
            final long frame = buffer.oldest();
            buffer.oldestIsTold();
            told++;
            if (buffer.kind(frame) == FrameKind.APPEND) {
                durableLsn = buffer.lsn(frame) + buffer.payloadBytes(frame);
                term = buffer.term(frame);
                isFlushOwed = true;
            } else {
                durableLsn = buffer.lsn(frame);
                listener.onHandedOver(buffer.term(frame));
            }
        }
        if (isFlushOwed) {
            listener.onFlushed(term, durableLsn);
        }
        return told;
    }

    private static TermHistory copyOf(final TermHistory history) {
        final TermHistory copy = new TermHistory();
        copy.copyFrom(history);
        return copy;
    }
}
