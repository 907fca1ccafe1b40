package dev.firn.server.store;

import dev.firn.bench.harness.Progress;
import dev.firn.nativeio.seam.Clock;
import dev.firn.tuning.host.Bytes;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Says how far a transfer has come: a bar on a terminal, a line now and then elsewhere; nothing of a short one. */
public final class TransferProgress {
    /** What is over before is not worth a word. */
    private static final long SILENT_NS = TimeUnit.SECONDS.toNanos(1);

    /** Over less than this no rate is told. */
    private static final long RATE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int BAR_WIDTH = 24;
    private static final double MEGA = 1e6;

    private final Progress out;
    private final boolean wanted;
    private final String what;
    private final Clock clock;
    private final long beginNs;
    private long nextNs;

    /** When the first bytes were there, and how many: what came before them tells nothing of how fast the others come. */
    private long firstNs;

    private long firstBytes = -1;

    /**
     * @param wanted whether to say anything.
     * @param terminal whether a line may be rewritten in place.
     * @param what goes on, as {@code "get logs/1.parquet"}.
     */
    public TransferProgress(
            final PrintStream err, final boolean wanted, final boolean terminal, final String what, final Clock clock) {
        this.out = new Progress(err, terminal, clock);
        this.wanted = wanted;
        this.what = what;
        this.clock = clock;
        this.beginNs = clock.nanoTime();
        this.nextNs = beginNs + SILENT_NS;
    }

    /** @param totalBytes how long the whole is; negative when nobody knows yet. */
    public void moved(final long bytes, final long totalBytes) {
        final long nowNs = clock.nanoTime();
        if (firstBytes < 0 && bytes > 0) {
            firstNs = nowNs;
            firstBytes = bytes;
        }
        if (!wanted || nowNs - nextNs < 0) {
            return;
        }
        nextNs = nowNs + STEP_NS;
        out.step("firn: " + what + ": "
                + (totalBytes > 0 ? bar(bytes, totalBytes) : Bytes.format(bytes))
                + rate(bytes, totalBytes - bytes, nowNs));
    }

    /** Nothing before it has gone on for so long that it can be told. */
    private String rate(final long bytes, final long leftBytes, final long nowNs) {
        if (firstBytes < 0 || nowNs - firstNs < RATE_NS || bytes == firstBytes) {
            return "";
        }
        final double perSecond = (bytes - firstBytes) / ((nowNs - firstNs) / 1e9);
        return String.format(Locale.ROOT, ", %,.0f MB/s", perSecond / MEGA)
                + (leftBytes <= 0 ? "" : String.format(Locale.ROOT, ", %,d s left", Math.round(leftBytes / perSecond)));
    }

    private static String bar(final long bytes, final long totalBytes) {
        final int full = (int) (BAR_WIDTH * bytes / totalBytes);
        return String.format(
                Locale.ROOT,
                "[%s%s] %d %% of %s",
                "#".repeat(full),
                "-".repeat(BAR_WIDTH - full),
                100 * bytes / totalBytes,
                Bytes.format(totalBytes));
    }

    /** Seconds since it began. */
    public double seconds() {
        return (clock.nanoTime() - beginNs) / 1e9;
    }

    /** Takes the last step off the terminal. */
    public void clear() {
        out.clear();
    }
}
