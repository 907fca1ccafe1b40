package dev.firn.walquorum.log;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.storage.Storage;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A log with its memory, whose bytes tell their LSN, driven until something has come about. */
final class TestLog implements LogListener, AutoCloseable {
    static final String DIRECTORY = "logs/1f";
    static final int NODE = 2;
    static final long LOG = 0x1F;
    static final long START_LSN = 0x100_0000;
    static final long TERM = 5;
    static final Membership MEMBERSHIP = Membership.of(List.of(1L, 2L, 3L));
    static final LogConfig SMALL = new LogConfig(128 << 10, 16 << 10, 96 << 10, 2, 2, 1);

    private static final int MAX_TURNS = 200_000_000;
    private static final long DUTY_CYCLE_NS = 20_000;

    final WalLog log;
    private final Runnable idle;
    private final OffHeapMemory memory;
    private final boolean isMemoryOwn;
    private boolean isClosed;
    private final byte[] chunk = new byte[1 << 20];
    private final UnsafeBuffer chunkView = new UnsafeBuffer(chunk);
    private final BytesHandler checkRecent = this::checkRecent;
    long flushedLsn;
    long handedOverTerm;
    long trimmedTo;
    int promises;
    int readsLeft;
    long readBytes;
    String full;
    int roomTold;

    /** @param shared null for a ring of its own; the memory is shared with it. */
    private TestLog(
            final Storage storage,
            final String directory,
            final LogConfig config,
            final Runnable idle,
            final boolean isNew,
            final OffHeapMemory sharedMemory,
            final LogRing shared) {
        this.idle = idle;
        this.isMemoryOwn = sharedMemory == null;
        memory = isMemoryOwn
                ? OffHeapMemory.open(OffHeapConfig.of("test-log", config.memoryBytes() + (4 << 20)))
                : sharedMemory;
        WalLog opened = null;
        try {
            if (isNew) {
                opened = shared == null
                        ? WalLog.create(storage, directory, identity(), config, memory, this)
                        : WalLog.create(storage, directory, identity(), config, memory, shared, this);
            } else {
                opened = WalLog.open(storage, directory, LOG, NODE, config, memory, shared, this);
            }
        } finally {
            if (opened == null && isMemoryOwn) {
                memory.close();
            }
        }
        log = opened;
        flushedLsn = log.durableLsn();
    }

    static LogIdentity identity() {
        return new LogIdentity(LOG, "main", LogIdentity.acceptorIdOf(NODE, 77), 4711, 17, 16 << 20, START_LSN);
    }

    /** On a real disk. */
    static TestLog create(final Storage storage, final LogConfig config) {
        return new TestLog(storage, DIRECTORY, config, Thread::yield, true, null, null);
    }

    static TestLog open(final Storage storage, final LogConfig config) {
        return new TestLog(storage, DIRECTORY, config, Thread::yield, false, null, null);
    }

    /** On a simulated disk: time passes between duty cycles. */
    static TestLog create(final Simulation simulation, final LogConfig config) {
        return new TestLog(simulation.host(0).disk().mount(), DIRECTORY, config, passing(simulation), true, null, null);
    }

    static TestLog open(final Simulation simulation, final String directory, final LogConfig config) {
        return new TestLog(
                simulation.host(0).disk().mount(), directory, config, passing(simulation), false, null, null);
    }

    /** One of several on a ring that somebody else drives. */
    static TestLog create(
            final Storage storage, final String directory, final OffHeapMemory memory, final LogRing ring) {
        return new TestLog(storage, directory, SMALL, Thread::yield, true, memory, ring);
    }

    static TestLog open(final Storage storage, final String directory, final OffHeapMemory memory, final LogRing ring) {
        return new TestLog(storage, directory, SMALL, Thread::yield, false, memory, ring);
    }

    private static Runnable passing(final Simulation simulation) {
        return () -> simulation.runFor(DUTY_CYCLE_NS);
    }

    /** A promise and a hand-over: the log takes bytes from here on. */
    TestLog led() {
        log.writePromise(TERM, 1, MEMBERSHIP);
        until(() -> promises == 1);
        final TermHistory history = new TermHistory();
        history.add(TERM, log.endLsn());
        log.handOver(TERM, history, log.endLsn());
        until(() -> handedOverTerm == TERM);
        return this;
    }

    void until(final BooleanSupplier condition) {
        for (int i = 0; i < MAX_TURNS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            doWork();
        }
        throw new AssertionError("nothing came about in " + MAX_TURNS + " duty cycles");
    }

    /** How many of so many bytes were taken. */
    int offer(final int length) {
        final long lsn = log.endLsn();
        for (int i = 0; i < length; i++) {
            chunk[i] = byteAt(lsn + i);
        }
        return log.append(TERM, lsn, chunkView, 0, length);
    }

    /** Appends, and waits until all of it is durable. */
    void append(final int length) {
        int left = length;
        while (left > 0) {
            left -= offer(Math.min(left, chunk.length));
            doWork();
        }
        until(() -> flushedLsn == log.endLsn());
    }

    void doWork() {
        log.doWork();
        idle.run();
    }

    /** Reads all from an LSN on from the disk, and checks it. */
    void readAll(final long fromLsn) {
        long next = fromLsn;
        while (next < log.durableLsn()) {
            readBytes = 0;
            readsLeft = 1;
            if (!log.read(next, next, Long.MAX_VALUE)) {
                throw new AssertionError("the log takes no read");
            }
            until(() -> readsLeft == 0);
            next += readBytes;
        }
    }

    /** Reads from memory what is there from an LSN on, and checks it; returns how much was there. */
    long readRecent(final long fromLsn) {
        return log.readRecent(fromLsn, Long.MAX_VALUE, checkRecent);
    }

    static byte byteAt(final long lsn) {
        return (byte) (lsn ^ lsn >> 8 ^ lsn >> 16 ^ lsn >> 24);
    }

    private static void check(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(offset + i) != byteAt(lsn + i)) {
                throw new AssertionError("another byte at LSN " + (lsn + i) + " than was written");
            }
        }
    }

    private int checkRecent(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        check(lsn, buffer, offset, length);
        return length;
    }

    @Override
    public void onFlushed(final long term, final long lsn) {
        flushedLsn = lsn;
    }

    @Override
    public void onHandedOver(final long term) {
        handedOverTerm = term;
        flushedLsn = log.durableLsn();
    }

    @Override
    public void onPromiseDurable() {
        promises++;
    }

    @Override
    public void onTrimmed(final long startLsn) {
        trimmedTo = startLsn;
    }

    @Override
    public void onRead(
            final long token,
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final boolean isLast) {
        if (lsn != token + readBytes) {
            throw new AssertionError("bytes of LSN " + lsn + " after " + readBytes + " from " + token);
        }
        check(lsn, buffer, offset, length);
        readBytes += length;
        readsLeft -= isLast ? 1 : 0;
    }

    @Override
    public void onDiskFull(final String sentence) {
        full = sentence;
    }

    @Override
    public void onDiskRoom() {
        roomTold++;
    }

    @Override
    public void close() {
        log.close();
        if (isMemoryOwn && !isClosed) {
            memory.close();
        }
        isClosed = true;
    }

    boolean isClosed() {
        return isClosed;
    }
}
