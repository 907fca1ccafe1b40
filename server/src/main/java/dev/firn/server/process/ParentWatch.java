package dev.firn.server.process;

import java.io.IOException;

/** Notices the end of the process that started this one: standard input ends with it. */
public final class ParentWatch {
    private ParentWatch() {}

    /** @param onEnd called once, on a thread of its own. */
    public static void start(final Runnable onEnd) {
        final Thread thread = new Thread(() -> watch(onEnd), "firn-parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void watch(final Runnable onEnd) {
        try {
            while (System.in.read() >= 0) {
                // Nothing is ever written; whatever comes means nothing.
                Thread.onSpinWait();
            }
        } catch (final IOException e) {
            // As good as the end.
            onEnd.run();
            return;
        }
        onEnd.run();
    }
}
