package dev.firn.s3tier.store;

import java.util.concurrent.atomic.LongAdder;

/** What has happened in a store since it was opened. Counted by any thread, read by the metrics. */
public final class StoreCounters {
    public final LongAdder calls = new LongAdder();
    public final LongAdder attempts = new LongAdder();
    public final LongAdder retries = new LongAdder();
    public final LongAdder failures = new LongAdder();
    public final LongAdder throttled = new LongAdder();
    public final LongAdder timedOut = new LongAdder();
    public final LongAdder circuitOpened = new LongAdder();
    public final LongAdder retriesDenied = new LongAdder();
    public final LongAdder ambiguousWrites = new LongAdder();
    public final LongAdder ambiguousResolved = new LongAdder();
    public final LongAdder bytesSent = new LongAdder();
    public final LongAdder bytesReceived = new LongAdder();
    public final LongAdder corruptions = new LongAdder();
}
