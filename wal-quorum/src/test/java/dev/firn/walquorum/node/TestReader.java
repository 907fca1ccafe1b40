package dev.firn.walquorum.node;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.walquorum.reader.CommittedWalReader;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import dev.firn.walquorum.reader.ReaderState;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;

/** Reads committed WAL, holds it against the ledger, and goes on after each crash where it was. */
final class TestReader implements Agent {
    /** Outlives the reader's crashes. */
    static final class Progress {
        long lsn = WalLedger.START_LSN;
        long readBytes;
        long skippedBytes;
        long changes;
    }

    private final WalLedger ledger;
    private final Progress progress;
    private final RandomGenerator random;
    private final CommittedWalReaders readers;
    private final CommittedWalReader reader;
    private final int slowness;

    TestReader(
            final SimulatedHost host,
            final WalLedger ledger,
            final Progress progress,
            final OffHeapMemory memory,
            final List<Integer> nodes,
            final int slowness) {
        this.ledger = ledger;
        this.progress = progress;
        this.random = host.random();
        this.slowness = slowness;
        this.readers = new CommittedWalReaders(
                host.network().open(host.id()),
                memory,
                host.clock(),
                random,
                ReaderConfig.DEFAULT.withWindow(48 << 10));
        this.reader = readers.open(TestProposer.SPEC.logId(), nodes, progress.lsn, this::onWal);
        if (random.nextBoolean()) {
            reader.needFrom(progress.lsn);
        }
    }

    private int onWal(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        if (lsn != progress.lsn) {
            throw new AssertionError("a reader at " + progress.lsn + " is handed bytes from " + lsn + " on");
        }
        ledger.check("a reader", lsn, buffer, offset, length);
        final int taken = random.nextInt(slowness) == 0 ? length : random.nextInt(length + 1);
        progress.lsn += taken;
        progress.readBytes += taken;
        return taken;
    }

    @Override
    public int doWork() {
        final int work = readers.doWork();
        progress.changes = reader.changes();
        reader.needFrom(progress.lsn);
        if (reader.committedLsn() > ledger.endLsn()) {
            throw new AssertionError("a reader was told of " + reader.committedLsn() + ", which is not committed");
        }
        if (reader.state() == ReaderState.TRIMMED) {
            // The archive has all that is trimmed.
            progress.skippedBytes += ledger.endLsn() - progress.lsn;
            progress.lsn = ledger.endLsn();
            reader.moveTo(progress.lsn);
        }
        return work;
    }

    @Override
    public String roleName() {
        return "reader";
    }
}
