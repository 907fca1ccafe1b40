package dev.firn.nvmecache;

import dev.firn.nativeio.storage.Completion;
import java.lang.System.Logger;

/** Counts the device's failures in a row, and decides when the cache is better off without it. Says so once. */
final class DeviceHealth {
    private static final Logger LOG = System.getLogger(DeviceHealth.class.getPackageName());

    private final String file;
    private final int maxInARow;
    private final CacheCounters counters;
    private int inARow;
    private String reason = "";

    DeviceHealth(final String file, final int maxInARow, final CacheCounters counters) {
        this.file = file;
        this.maxInARow = maxInARow;
        this.counters = counters;
    }

    boolean on() {
        return reason.isEmpty();
    }

    /** Why the cache is off; empty while it is on. */
    String reason() {
        return reason;
    }

    void succeeded() {
        inARow = 0;
    }

    void failed(final Completion completion) {
        if (++inARow >= maxInARow && on()) {
            turnOff(inARow + " operations in a row have failed, the last: "
                    + completion.failure().getMessage());
        }
    }

    void turnOff(final String why) {
        reason = why;
        counters.on.setRelease(0);
        LOG.log(
                Logger.Level.WARNING,
                "the cache " + file + " is off, Firn goes on without it until the next start: " + why);
    }
}
