package dev.firn.walquorum.log;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.walquorum.term.TermHistory;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** Gives a log bytes and hand-overs at random, reads what is durable, and keeps the ledger. */
final class LogDriver implements Agent, LogListener {
    private static final LogConfig CONFIG = new LogConfig(32_768, 12_288, 2, 2);

    private final LogLedger ledger;
    private final RandomGenerator random;
    private final OffHeapMemory memory;
    private final WalLog log;
    private boolean isHandingOver;

    /** What is read while the log is handed over would be of the older term, and right all the same. */
    private int readsOnTheirWay;

    LogDriver(final SimulatedHost host, final LogLedger ledger) {
        this.ledger = ledger;
        this.random = host.random();
        this.memory = OffHeapMemory.open(OffHeapConfig.of("log", 4L << 20));
        WalLog opened = null;
        try {
            opened = WalLog.open(host.storage(), 7, LogLedger.START_LSN, CONFIG, memory, this);
        } finally {
            if (opened == null) {
                memory.close();
            }
        }
        this.log = opened;
        ledger.onRecovered(log.foundEndLsn(), log.foundHistory());
    }

    @Override
    public int doWork() {
        final int work = log.doWork();
        if (!isHandingOver) {
            act();
        }
        return work;
    }

    private void act() {
        final int dice = random.nextInt(100);
        if (dice < 1 && ledger.toldEndLsn() == ledger.endLsn() && readsOnTheirWay == 0) {
            handOver();
        } else if (dice < 6 && ledger.history().count() > 0) {
            append(1 + random.nextInt(random.nextInt(10) == 0 ? 30_000 : 300));
        } else if (dice < 8 && ledger.toldEndLsn() > LogLedger.START_LSN) {
            readsOnTheirWay += log.read(random.nextLong(LogLedger.START_LSN, ledger.toldEndLsn())) ? 1 : 0;
        }
    }

    private void handOver() {
        final TermHistory history = new TermHistory();
        history.copyFrom(ledger.history());
        final long end =
                random.nextBoolean() ? ledger.endLsn() : random.nextLong(LogLedger.START_LSN, ledger.endLsn() + 1);
        final long lastTerm = history.lastTerm();
        history.cutAfter(end);
        history.add(lastTerm + 1 + random.nextInt(3), end);
        isHandingOver = true;
        ledger.onHandOver(history, end);
        log.handOver(history.lastTerm(), history, end);
    }

    private void append(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(26));
        }
        final int taken = log.append(ledger.history().lastTerm(), ledger.endLsn(), new UnsafeBuffer(bytes), 0, length);
        ledger.onAppended(new String(bytes, 0, taken, java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Override
    public void onFlushed(final long term, final long lsn) {
        ledger.onFlushed(lsn);
    }

    @Override
    public void onHandedOver(final long term) {
        isHandingOver = false;
        ledger.onHandedOver();
    }

    @Override
    public void onRead(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        readsOnTheirWay--;
        ledger.onRead(lsn, buffer, offset, length);
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
