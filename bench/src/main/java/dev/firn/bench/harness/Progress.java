package dev.firn.bench.harness;

import dev.firn.nativeio.seam.Clock;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/**
 * Says on standard error what is being measured: one line rewritten in place on a terminal, else a line now and then.
 * For one thread.
 */
public final class Progress {
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(5);
    private static final String CLEAR_LINE = "\r\033[K";

    private final PrintStream err;
    private final boolean terminal;
    private final Clock clock;
    private boolean lineOpen;
    private long lastLineNs;

    public Progress(final PrintStream err, final boolean terminal, final Clock clock) {
        this.err = err;
        this.terminal = terminal;
        this.clock = clock;
        this.lastLineNs = clock.nanoTime() - QUIET_NS;
    }

    /** A step among many: shown at once on a terminal, else only when nothing was said for a while. */
    public void step(final String text) {
        final long nowNs = clock.nanoTime();
        if (terminal) {
            err.print(CLEAR_LINE + text);
            err.flush();
            lineOpen = true;
        } else if (nowNs - lastLineNs >= QUIET_NS) {
            err.println(text);
            lastLineNs = nowNs;
        }
    }

    /** Something that must be seen. */
    public void line(final String text) {
        clear();
        err.println(text);
        lastLineNs = clock.nanoTime();
    }

    /** Takes the open step off the terminal, so that what is printed next stands alone. */
    public void clear() {
        if (lineOpen) {
            err.print(CLEAR_LINE);
            err.flush();
            lineOpen = false;
        }
    }
}
