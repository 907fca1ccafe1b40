package dev.firn.server.wal;

import dev.firn.bench.harness.Progress;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.replay.ReplayListener;
import dev.firn.postgres.lsn.Lsn;
import java.io.PrintStream;
import java.util.Locale;

/** Says how far a replay has come: position, bytes of WAL, rate. For one thread. */
public final class WalProgress implements ReplayListener {
    private static final long STEP_NS = 200_000_000L;
    private static final double MIB = 1 << 20;

    private final Progress out;
    private final boolean steps;
    private final long endLsn;
    private final Clock clock;
    private final long beginNs;
    private long firstLsn = Lsn.INVALID;
    private long lastNs;

    /**
     * @param steps whether to say how far it has come; warnings are always said.
     * @param terminal whether a line may be rewritten in place.
     * @param directory whose log is replayed.
     */
    public WalProgress(
            final PrintStream err,
            final boolean steps,
            final boolean terminal,
            final WalDirectory directory,
            final Clock clock) {
        this.out = new Progress(err, terminal, clock);
        this.steps = steps;
        this.endLsn = directory.endOfLastSegment();
        this.clock = clock;
        this.beginNs = clock.nanoTime();
        this.lastNs = beginNs;
    }

    @Override
    public void progress(final long lsn, final long records) {
        if (firstLsn == Lsn.INVALID) {
            firstLsn = lsn;
        }
        final long nowNs = clock.nanoTime();
        if (!steps || nowNs - lastNs < STEP_NS) {
            return;
        }
        lastNs = nowNs;
        final double mib = (lsn - firstLsn) / MIB;
        out.step(String.format(
                Locale.ROOT,
                "firn: replayed to %s: %,.0f of at most %,.0f MiB, %,d records, %.0f MiB/s",
                Lsn.format(lsn),
                mib,
                (endLsn - firstLsn) / MIB,
                records,
                mib / ((nowNs - beginNs) / 1e9)));
    }

    @Override
    public void warn(final String sentence) {
        out.line("firn: " + sentence);
    }

    /** Takes the last step off the terminal. */
    public void clear() {
        out.clear();
    }
}
