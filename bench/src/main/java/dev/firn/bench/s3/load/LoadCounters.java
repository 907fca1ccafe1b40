package dev.firn.bench.s3.load;

import java.util.concurrent.atomic.LongAdder;

/** What the server has done. Counted by its loops, read by any thread. */
final class LoadCounters {
    final LongAdder requests = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
}
