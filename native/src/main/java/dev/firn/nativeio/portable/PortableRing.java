package dev.firn.nativeio.portable;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.ring.AttachedFile;
import dev.firn.nativeio.ring.OperationTable;
import dev.firn.nativeio.ring.OwnerThread;
import dev.firn.nativeio.ring.TransferChecks;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The {@link Ring} over positional reads and writes on a pool of threads.
 *
 * <p>An operation goes through: queued (accepted) → waiting (submitted, its chain's predecessor or a drain not done) →
 * started (with the pool, or a timer, or done at once) → ready (result known) → delivered. Only the pool's threads and
 * {@link #states} are shared; everything else is the owner's.
 */
public final class PortableRing implements Ring {
    private static final int NONE = -1;
    private static final long VECTOR_BYTES = 16L * RingConfig.MAX_VECTORS;

    /** With the pool, not yet taken by a thread: can still be cancelled. */
    private static final int WITH_POOL = 1;

    private static final int RUNNING = 2;
    private static final int CANCELLED = 3;

    private final OwnerThread owner = new OwnerThread();
    private final Clock clock;
    private final OperationTable table;
    private final WorkerPool pool;
    private final AttachedFile[] files;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment vectors;

    /** Of each slot: the next operation of its chain, whether its link holds after a failure, and what it runs on. */
    private final int[] next;

    private final int[] flagsOf;
    private final int[] descriptors;
    private final long[] addresses;
    private final int[] vectorCounts;
    private final long[] durationsNs;
    private final int[] results;
    private final AtomicIntegerArray states;

    /** Chain heads accepted but not submitted, and submitted but not started: both in order. */
    private final SlotQueue queued;

    private final SlotQueue waiting;
    private final SlotQueue ready;
    private final Timers timers;

    private int chainTail = NONE;
    private int chainHead = NONE;
    private boolean chainDrains;
    private int startedChains;
    private int withPool;
    private boolean drainRuns;
    private boolean delivering;
    private boolean closed;

    public PortableRing(final RingConfig config, final Clock clock) {
        final int capacity = config.capacity();
        this.clock = clock;
        this.table = new OperationTable(capacity);
        this.files = new AttachedFile[config.maxFiles()];
        this.vectors = arena.allocate(capacity * VECTOR_BYTES, Long.BYTES);
        this.next = new int[capacity];
        this.flagsOf = new int[capacity];
        this.descriptors = new int[capacity];
        this.addresses = new long[capacity];
        this.vectorCounts = new int[capacity];
        this.durationsNs = new long[capacity];
        this.results = new int[capacity];
        this.states = new AtomicIntegerArray(capacity);
        this.queued = new SlotQueue(capacity);
        this.waiting = new SlotQueue(capacity);
        this.ready = new SlotQueue(capacity);
        this.timers = new Timers(capacity);
        this.pool = new WorkerPool(capacity, this::runOnPool);
    }

    @Override
    public String describe() {
        return "portable (positional reads and writes on " + Math.min(WorkerPool.MAX_THREADS, capacity()) + " threads)";
    }

    @Override
    public int capacity() {
        return table.capacity();
    }

    @Override
    public int inFlight() {
        checkUsable();
        return table.inFlight();
    }

    @Override
    public int room() {
        checkUsable();
        return table.room();
    }

    @Override
    public RingFile attach(final StorageFile file) {
        checkUsable();
        for (int i = 0; i < files.length; i++) {
            if (files[i] == null) {
                files[i] = AttachedFile.attach(file, this, AttachedFile.NO_SLOT);
                return files[i];
            }
        }
        throw new IllegalStateException("this ring has its " + files.length
                + " files attached (RingConfig.maxFiles); detach one before " + file.name());
    }

    @Override
    public void detach(final RingFile file) {
        checkUsable();
        final AttachedFile attached = AttachedFile.of(file, this);
        attached.detach();
        for (int i = 0; i < files.length; i++) {
            if (files[i] == attached) {
                files[i] = null;
            }
        }
    }

    @Override
    public boolean registerBuffers(final MemorySegment... regions) {
        checkUsable();
        if (table.inFlight() > 0) {
            throw new IllegalStateException(
                    "buffers are registered with nothing in flight; " + table.inFlight() + " operations are");
        }
        return regions.length == 0;
    }

    @Override
    public boolean nop(final long token, final int flags) {
        begin(OperationKind.NOP, flags);
        return accept(table.take(OperationKind.NOP, null, -1, 0, null, token), flags);
    }

    @Override
    public boolean read(
            final RingFile file, final long fileOffset, final MemorySegment buffer, final long token, final int flags) {
        return transfer(OperationKind.READ, file, fileOffset, buffer, token, flags);
    }

    @Override
    public boolean write(
            final RingFile file, final long fileOffset, final MemorySegment buffer, final long token, final int flags) {
        return transfer(OperationKind.WRITE, file, fileOffset, buffer, token, flags);
    }

    private boolean transfer(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final MemorySegment buffer,
            final long token,
            final int flags) {
        begin(kind, flags);
        TransferChecks.checkBuffer(buffer);
        TransferChecks.checkOffset(fileOffset);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, buffer.byteSize(), buffer, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        descriptors[slot] = attached.descriptor();
        addresses[slot] = buffer.address();
        return accept(slot, flags);
    }

    @Override
    public boolean readVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        return vectored(OperationKind.READ_VECTORED, file, fileOffset, buffers, count, token, flags);
    }

    @Override
    public boolean writeVectored(
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        return vectored(OperationKind.WRITE_VECTORED, file, fileOffset, buffers, count, token, flags);
    }

    private boolean vectored(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final MemorySegment[] buffers,
            final int count,
            final long token,
            final int flags) {
        begin(kind, flags);
        final long total = TransferChecks.checkVector(buffers, count);
        TransferChecks.checkOffset(fileOffset);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, total, buffers[0], token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        final long at = slot * VECTOR_BYTES;
        for (int i = 0; i < count; i++) {
            vectors.set(JAVA_LONG, at + i * 16L, buffers[i].address());
            vectors.set(JAVA_LONG, at + i * 16L + 8, buffers[i].byteSize());
        }
        descriptors[slot] = attached.descriptor();
        addresses[slot] = vectors.address() + at;
        vectorCounts[slot] = count;
        return accept(slot, flags);
    }

    @Override
    public boolean sync(final RingFile file, final long token, final int flags) {
        return onFile(OperationKind.SYNC, file, 0, 0, token, flags);
    }

    @Override
    public boolean dataSync(final RingFile file, final long token, final int flags) {
        return onFile(OperationKind.DATA_SYNC, file, 0, 0, token, flags);
    }

    @Override
    public boolean allocate(
            final RingFile file, final long fileOffset, final long lengthBytes, final long token, final int flags) {
        TransferChecks.checkOffset(fileOffset);
        return onFile(OperationKind.ALLOCATE, file, fileOffset, lengthBytes, token, flags);
    }

    private boolean onFile(
            final OperationKind kind,
            final RingFile file,
            final long fileOffset,
            final long lengthBytes,
            final long token,
            final int flags) {
        begin(kind, flags);
        final AttachedFile attached = AttachedFile.of(file, this);
        final int slot = table.take(kind, attached, fileOffset, lengthBytes, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        descriptors[slot] = attached.descriptor();
        return accept(slot, flags);
    }

    @Override
    public boolean timeout(final long durationNs, final long token, final int flags) {
        return timed(OperationKind.TIMEOUT, durationNs, token, flags);
    }

    @Override
    public boolean linkTimeout(final long durationNs, final long token, final int flags) {
        if (chainTail == NONE) {
            throw new IllegalStateException("a link timeout bounds the operation before it, which must carry LINK");
        }
        return timed(OperationKind.LINK_TIMEOUT, durationNs, token, flags);
    }

    private boolean timed(final OperationKind kind, final long durationNs, final long token, final int flags) {
        begin(kind, flags);
        TransferChecks.checkDuration(durationNs);
        final int slot = table.take(kind, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        durationsNs[slot] = durationNs;
        return accept(slot, flags);
    }

    @Override
    public boolean cancel(final long targetToken, final long token, final int flags) {
        begin(OperationKind.CANCEL, flags);
        final int slot = table.take(OperationKind.CANCEL, null, -1, 0, null, token);
        if (slot == OperationTable.FULL) {
            return false;
        }
        addresses[slot] = targetToken;
        return accept(slot, flags);
    }

    private void begin(final OperationKind kind, final int flags) {
        checkUsable();
        TransferChecks.checkFlags(kind, flags);
    }

    /** Puts a taken slot at the end of the open chain, or begins one; a chain is queued when it is whole. */
    private boolean accept(final int slot, final int flags) {
        if (slot == OperationTable.FULL) {
            return false;
        }
        flagsOf[slot] = flags;
        next[slot] = NONE;
        if (chainTail == NONE) {
            chainHead = slot;
            chainDrains = false;
        } else {
            next[chainTail] = slot;
        }
        chainDrains |= (flags & DRAIN) != 0;
        if ((flags & (LINK | HARD_LINK)) != 0) {
            chainTail = slot;
        } else {
            if (chainDrains) {
                flagsOf[chainHead] |= DRAIN;
            }
            queued.add(chainHead);
            chainTail = NONE;
        }
        return true;
    }

    @Override
    public int submit() {
        checkUsable();
        if (chainTail != NONE) {
            throw new IllegalStateException(
                    "the last operation queued carries a link: queue the rest of its chain first");
        }
        int handedOver = 0;
        while (!queued.isEmpty()) {
            final int head = queued.remove();
            for (int slot = head; slot != NONE; slot = next[slot]) {
                handedOver++;
            }
            waiting.add(head);
        }
        startWaiting();
        return handedOver;
    }

    /** Starts chains in order, as far as drains allow. */
    private void startWaiting() {
        while (!waiting.isEmpty() && !drainRuns) {
            final int head = waiting.peek();
            final boolean drains = (flagsOf[head] & DRAIN) != 0;
            if (drains && startedChains > 0) {
                return;
            }
            waiting.remove();
            startedChains++;
            drainRuns = drains;
            start(head);
        }
    }

    /** Starts an operation, and those after it as long as they are done at once. */
    private void start(final int first) {
        int slot = first;
        while (slot != NONE) {
            final int timer = next[slot];
            if (timer != NONE && table.kindOf(timer) == OperationKind.LINK_TIMEOUT) {
                timers.add(timer, clock.nanoTime() + durationsNs[timer]);
            }
            switch (table.kindOf(slot)) {
                case NOP -> slot = finish(slot, 0);
                case CANCEL -> slot = finish(slot, cancelOne(table.slotOf(addresses[slot])));
                case TIMEOUT -> {
                    timers.add(slot, clock.nanoTime() + durationsNs[slot]);
                    return;
                }
                default -> {
                    states.set(slot, WITH_POOL);
                    withPool++;
                    pool.run(slot);
                    return;
                }
            }
        }
    }

    /** On a thread of the pool. */
    private void runOnPool(final int slot, final ErrnoCapture errno) {
        results[slot] = states.compareAndSet(slot, WITH_POOL, RUNNING) ? call(slot, errno) : -Errno.ECANCELED;
    }

    private int call(final int slot, final ErrnoCapture errno) {
        final int descriptor = descriptors[slot];
        final long offset = table.fileOffsetOf(slot);
        long result;
        do {
            result = switch (table.kindOf(slot)) {
                case READ -> FileCalls.pread(errno, descriptor, addresses[slot], table.requestedBytesOf(slot), offset);
                case WRITE ->
                    FileCalls.pwrite(errno, descriptor, addresses[slot], table.requestedBytesOf(slot), offset);
                case READ_VECTORED -> FileCalls.preadv(errno, descriptor, addresses[slot], vectorCounts[slot], offset);
                case WRITE_VECTORED ->
                    FileCalls.pwritev(errno, descriptor, addresses[slot], vectorCounts[slot], offset);
                case SYNC -> FileCalls.fsync(errno, descriptor);
                case DATA_SYNC -> FileCalls.fdatasync(errno, descriptor);
                case ALLOCATE -> FileCalls.fallocate(errno, descriptor, offset, table.requestedBytesOf(slot));
                case NOP, TIMEOUT, LINK_TIMEOUT, CANCEL ->
                    throw new IllegalStateException(table.kindOf(slot) + " is not for the pool");
            };
        } while (result == -Errno.EINTR);
        if (result > 0 && (flagsOf[slot] & DURABLE) != 0) {
            final int synced = FileCalls.fdatasync(errno, descriptor);
            return synced < 0 ? synced : (int) result;
        }
        return (int) result;
    }

    /** Takes what the pool has done and what timers have run out. */
    private void collect() {
        for (int slot = pool.takeDone(); slot != NONE; slot = pool.takeDone()) {
            withPool--;
            start(finish(slot, results[slot]));
        }
        while (!timers.isEmpty() && timers.earliestNs() - clock.nanoTime() <= 0) {
            expire(timers.removeEarliest());
        }
        startWaiting();
    }

    private void expire(final int timer) {
        if (table.kindOf(timer) == OperationKind.TIMEOUT) {
            start(finish(timer, -Errno.ETIME));
            return;
        }
        final int target = predecessorOf(timer);
        next[target] = detachFollower(timer);
        final int outcome = cancelOne(target);
        results[timer] = outcome == 0 ? -Errno.ETIME : outcome;
        ready.add(timer);
    }

    private int predecessorOf(final int slot) {
        for (int i = 0; i < next.length; i++) {
            if (next[i] == slot) {
                return i;
            }
        }
        throw new IllegalStateException("a link timeout is armed without the operation that it bounds");
    }

    /** Cancels a started operation; 0, or the negative errno that the one who cancels gets. */
    private int cancelOne(final int target) {
        if (target == OperationTable.NONE) {
            return -Errno.ENOENT;
        }
        if (table.kindOf(target) == OperationKind.TIMEOUT && timers.remove(target)) {
            start(finish(target, -Errno.ECANCELED));
            return 0;
        }
        if (states.compareAndSet(target, WITH_POOL, CANCELLED)) {
            return 0;
        }
        return states.get(target) == RUNNING ? -Errno.EALREADY : -Errno.ENOENT;
    }

    /**
     * A started operation has its result: it becomes ready, and its chain goes on or breaks.
     *
     * @return the operation of the chain that is to be started now, or {@link #NONE}.
     */
    private int finish(final int slot, final int result) {
        states.set(slot, 0);
        results[slot] = result;
        int follower = next[slot];
        next[slot] = NONE;
        final boolean broken = (flagsOf[slot] & HARD_LINK) == 0 && failed(slot, result);
        ready.add(slot);
        if (follower != NONE && table.kindOf(follower) == OperationKind.LINK_TIMEOUT) {
            timers.remove(follower);
            results[follower] = -Errno.ECANCELED;
            ready.add(follower);
            follower = detachFollower(follower);
        }
        if (follower != NONE && !broken) {
            return follower;
        }
        while (follower != NONE) {
            results[follower] = -Errno.ECANCELED;
            ready.add(follower);
            follower = detachFollower(follower);
        }
        startedChains--;
        drainRuns = false;
        return NONE;
    }

    private int detachFollower(final int slot) {
        final int follower = next[slot];
        next[slot] = NONE;
        return follower;
    }

    /** A chain goes on only after success in full: a short read or write breaks it, as io_uring does. */
    private boolean failed(final int slot, final int result) {
        return switch (table.kindOf(slot)) {
            case READ, WRITE, READ_VECTORED, WRITE_VECTORED -> result != table.requestedBytesOf(slot);
            case NOP, SYNC, DATA_SYNC, ALLOCATE, TIMEOUT, LINK_TIMEOUT, CANCEL -> result < 0;
        };
    }

    @Override
    public int submitAndWait(final int minCompletions, final long timeoutNs) {
        TransferChecks.checkDuration(timeoutNs);
        submit();
        collect();
        final int wanted = Math.min(minCompletions, table.inFlight());
        final long startedNs = clock.nanoTime();
        while (ready.size() < wanted) {
            final long leftNs = timeoutNs == Long.MAX_VALUE ? timeoutNs : timeoutNs - (clock.nanoTime() - startedNs);
            if (leftNs <= 0) {
                break;
            }
            final long timerNs = timers.isEmpty() ? Long.MAX_VALUE : timers.earliestNs() - clock.nanoTime();
            if (timerNs > 0) {
                pool.awaitDone(Math.min(leftNs, timerNs));
            }
            collect();
        }
        return ready.size();
    }

    @Override
    public int poll(final CompletionHandler handler, final int limit) {
        checkUsable();
        if (delivering) {
            throw new IllegalStateException("a completion handler must not poll its ring");
        }
        collect();
        int delivered = 0;
        delivering = true;
        try {
            while (delivered < limit && !ready.isEmpty()) {
                final int slot = ready.remove();
                table.complete(slot, results[slot]);
                delivered++;
                handler.onCompletion(table);
            }
        } finally {
            delivering = false;
        }
        return delivered;
    }

    private void checkUsable() {
        owner.check();
        if (closed) {
            throw new IllegalStateException("this ring is closed");
        }
    }

    @Override
    public void close() {
        owner.check();
        if (closed) {
            return;
        }
        closed = true;
        for (int slot = 0; slot < states.length(); slot++) {
            states.compareAndSet(slot, WITH_POOL, CANCELLED);
        }
        while (withPool > 0) {
            if (pool.takeDone() == NONE) {
                pool.awaitDone(Long.MAX_VALUE);
            } else {
                withPool--;
            }
        }
        pool.stop();
        for (final AttachedFile file : files) {
            if (file != null) {
                file.release();
            }
        }
        Arrays.fill(files, null);
        table.clear();
        arena.close();
    }
}
