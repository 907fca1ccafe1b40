package dev.firn.walquorum.log;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** Gives a log whatever an acceptor may give it, at random; reads what is durable; and keeps the ledger. */
final class LogDriver implements Agent, LogListener {
    private static final String DIRECTORY = "logs/7";
    private static final int NODE = 3;
    private static final LogIdentity IDENTITY =
            new LogIdentity(7, "main", LogIdentity.acceptorIdOf(NODE, 99), 4711, 17, 16 << 20, LogLedger.START_LSN);
    private static final long ROOMY_BYTES = 1L << 30;

    private final LogLedger ledger;
    private final SimulatedHost host;
    private final RandomGenerator random;
    private final OffHeapMemory memory;
    private final WalLog log;
    private boolean isHandingOver;

    /** What is read while the log is handed over would be of the older term, and right all the same. */
    private int readsOnTheirWay;

    private long nextReadLsn;

    LogDriver(final SimulatedHost host, final LogLedger ledger) {
        this.ledger = ledger;
        this.host = host;
        this.random = host.random();
        this.memory = OffHeapMemory.open(OffHeapConfig.of("log", 4L << 20));
        final LogConfig config =
                new LogConfig(32_768, 12_288, 73_728, 1 + random.nextInt(4), 1 + random.nextInt(3), random.nextInt(3));
        WalLog opened = null;
        try {
            if (ledger.isMade() || WalLog.exists(host.storage(), DIRECTORY)) {
                opened = WalLog.open(host.storage(), DIRECTORY, 7, NODE, config, memory, this);
            } else {
                opened = WalLog.create(host.storage(), DIRECTORY, IDENTITY, config, memory, this);
            }
        } finally {
            if (opened == null) {
                memory.close();
            }
        }
        this.log = opened;
        if (!log.identity().equals(IDENTITY)) {
            throw new AssertionError(log.identity() + " is found");
        }
        ledger.onRecovered(log.found());
    }

    @Override
    public int doWork() {
        final int work = log.doWork();
        if (!isHandingOver) {
            act();
        }
        if (random.nextInt(2_000) == 0) {
            host.disk().setCapacity(ledger.isCalm ? ROOMY_BYTES : host.disk().usedBytes() + random.nextInt(100_000));
        } else if (ledger.isCalm || random.nextInt(1_000) == 0) {
            host.disk().setCapacity(ROOMY_BYTES);
        }
        return work;
    }

    private void act() {
        final int dice = random.nextInt(1_000);
        final boolean isAtRest = ledger.toldEndLsn() == ledger.endLsn() && readsOnTheirWay == 0;
        if (dice < 10 && isAtRest) {
            handOver();
        } else if (dice < 12 && isAtRest) {
            beginAnew();
        } else if (dice < 60 && ledger.history().count() > 0) {
            append(1 + random.nextInt(random.nextInt(10) == 0 ? 30_000 : 300));
        } else if (dice < 90) {
            read();
        } else if (dice < 95 && !ledger.isPromiseOnItsWay()) {
            promise(ledger.promise().term() + random.nextInt(2));
        } else if (dice < 98) {
            trim();
        } else if (dice < 110) {
            readRecent();
        }
    }

    private void promise(final long term) {
        final long generation = ledger.promise().membership().generation() + random.nextInt(2);
        final Membership membership = generation == 0
                ? Membership.NONE
                : new Membership(
                        generation, List.of(random.nextLong(), 2L), random.nextBoolean() ? List.of(5L) : List.of());
        final long candidate = random.nextLong();
        ledger.onPromise(term, candidate, membership);
        log.writePromise(term, candidate, membership);
    }

    private void handOver() {
        final TermHistory history = new TermHistory();
        history.copyFrom(ledger.history());
        final long end = random.nextBoolean() ? ledger.endLsn() : random.nextLong(log.startLsn(), ledger.endLsn() + 1);
        final long term = history.lastTerm() + 1 + random.nextInt(3);
        if (term > ledger.promise().term()) {
            if (!ledger.isPromiseOnItsWay()) {
                promise(term);
            }
            return;
        }
        history.cutAfter(end);
        history.add(term, end);
        isHandingOver = true;
        ledger.onHandOver(history, end);
        log.handOver(term, history, end);
    }

    private void beginAnew() {
        final long term = ledger.history().lastTerm() + random.nextInt(2);
        if (term > ledger.promise().term() || term == 0) {
            return;
        }
        final long lsn = ledger.endLsn() + random.nextInt(1_000);
        final TermHistory history = new TermHistory();
        history.add(term, lsn - random.nextInt(100));
        isHandingOver = true;
        ledger.onBeginningAnew(history, lsn);
        log.restartAt(term, history, lsn);
    }

    private void append(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(26));
        }
        final int taken = log.append(ledger.history().lastTerm(), ledger.endLsn(), new UnsafeBuffer(bytes), 0, length);
        ledger.onAppended(new String(bytes, 0, taken, StandardCharsets.US_ASCII));
    }

    private void trim() {
        final long lsn = random.nextLong(log.startLsn(), ledger.toldEndLsn() + 1);
        if (log.trim(lsn)) {
            ledger.onTrim(lsn);
        }
    }

    private void read() {
        final long start = log.startLsn();
        final long end = log.durableLsn();
        if (start < end) {
            final long from = random.nextLong(start, end);
            final long to = random.nextBoolean() ? Long.MAX_VALUE : from + 1 + random.nextInt(20_000);
            nextReadLsn = readsOnTheirWay == 0 ? from : -1;
            readsOnTheirWay += log.read(from, from, to) ? 1 : 0;
        }
    }

    private void readRecent() {
        final long start = log.startLsn();
        final long end = log.durableLsn();
        if (start < end) {
            final long from = random.nextLong(start, end);
            final boolean isRecent = log.isRecent(from);
            final long[] next = {from};
            final long taken =
                    log.readRecent(from, from + 1 + random.nextInt(20_000), (lsn, buffer, offset, length) -> {
                        if (lsn != next[0]) {
                            throw new AssertionError("bytes of " + lsn + " after those up to " + next[0]);
                        }
                        ledger.onBytes(lsn, buffer, offset, length);
                        final int some = random.nextBoolean() ? length : random.nextInt(length + 1);
                        next[0] += some;
                        return some;
                    });
            if (taken != next[0] - from || (!isRecent && taken > 0)) {
                throw new AssertionError(taken + " bytes are said to be taken, " + (next[0] - from) + " were");
            }
            ledger.recentBytes += taken;
        }
    }

    @Override
    public void onFlushed(final long term, final long lsn) {
        ledger.onFlushed(lsn);
        if (lsn != log.durableLsn()) {
            throw new AssertionError(lsn + " was told, " + log.durableLsn() + " is durable");
        }
    }

    @Override
    public void onHandedOver(final long term) {
        isHandingOver = false;
        ledger.onHandedOver();
    }

    @Override
    public void onPromiseDurable() {
        ledger.onPromiseDurable();
    }

    @Override
    public void onTrimmed(final long startLsn) {
        ledger.onTrimmed(startLsn);
    }

    @Override
    public void onRead(
            final long token,
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final boolean isLast) {
        if (nextReadLsn >= 0 && readsOnTheirWay == 1 && token == nextReadLsn && lsn < token) {
            throw new AssertionError("bytes of " + lsn + " for a read from " + token);
        }
        readsOnTheirWay -= isLast ? 1 : 0;
        ledger.readBytes += length;
        ledger.onBytes(lsn, buffer, offset, length);
    }

    @Override
    public void onDiskFull(final String sentence) {
        ledger.timesFull++;
    }

    @Override
    public void onDiskRoom() {
        // Told for people; the log goes on by itself.
    }

    @Override
    public String roleName() {
        return "log";
    }

    @Override
    public void onClose() {
        log.close();
        memory.close();
    }
}
