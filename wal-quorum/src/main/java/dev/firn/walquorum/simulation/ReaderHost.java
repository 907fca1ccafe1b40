package dev.firn.walquorum.simulation;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.walquorum.reader.CommittedWalReader;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import dev.firn.walquorum.reader.ReaderState;
import dev.firn.walquorum.wire.LogSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;

/** Reads committed WAL: with one reader from all nodes, and, to hold them against each other, with one from each. */
final class ReaderHost implements Agent {
    private static final int WINDOW_BYTES = 32 << 10;

    private final Oracle oracle;
    private final RandomGenerator random;
    private final CommittedWalReaders readers;
    private final long[] lsns;
    private final List<CommittedWalReader> all = new ArrayList<>();

    /** @param lsns where each reader is, kept over its crashes; the last is that of all nodes. */
    ReaderHost(
            final SimulatedHost host,
            final Oracle oracle,
            final LogSpec spec,
            final List<Integer> nodes,
            final long[] lsns,
            final OffHeapMemory memory) {
        this.oracle = oracle;
        this.lsns = lsns;
        this.random = host.random();
        this.readers = new CommittedWalReaders(
                host.network().open(host.id()),
                memory,
                host.clock(),
                random,
                ReaderConfig.DEFAULT.withWindow(WINDOW_BYTES));
        for (int i = 0; i <= nodes.size(); i++) {
            final int which = i;
            final List<Integer> asked = i < nodes.size() ? List.of(nodes.get(i)) : nodes;
            all.add(readers.open(
                    spec.logId(),
                    asked,
                    lsns[i],
                    (lsn, buffer, offset, length) -> take(which, lsn, buffer, offset, length)));
        }
    }

    private int take(final int which, final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        if (lsn != lsns[which]) {
            throw new AssertionError("a reader at " + lsns[which] + " is handed bytes from " + lsn + " on");
        }
        final int taken = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
        oracle.onShown("reader " + which, lsn, buffer, offset, taken);
        lsns[which] += taken;
        return taken;
    }

    @Override
    public int doWork() {
        final int work = readers.doWork();
        for (int i = 0; i < all.size(); i++) {
            final CommittedWalReader reader = all.get(i);
            oracle.requireCommitted("a reader", reader.committedLsn());
            if (reader.state() == ReaderState.TRIMMED) {
                // The archive has all that is trimmed.
                lsns[i] = oracle.committedLsn();
                reader.moveTo(lsns[i]);
            }
        }
        return work;
    }

    @Override
    public String roleName() {
        return "reader";
    }
}
