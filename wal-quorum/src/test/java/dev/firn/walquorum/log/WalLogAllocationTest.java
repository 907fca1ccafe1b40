package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.uring.UringSupport;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalLogAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** In one segment, as going on to another one opens a file; and few enough runs for the index not to grow. */
    private static final LogConfig CONFIG = new LogConfig(256L << 20, 256 << 10, 2 << 20, 4, 2, 1);

    private static final int APPENDS = 100_000;
    private static final int WARM_UP_APPENDS = 20_000;
    private static final int MAX_APPEND_BYTES = 700;

    /** For the measuring itself, and what the JVM charges a thread for code that is compiled anew. */
    private static final long ALLOWED_BYTES = 16_384;

    @TempDir
    Path directory;

    @Test
    void shouldAllocateNothingForAppendsAndReadsOfAnyLength() {
        assumeTrue(UringSupport.host().available());
        try (Storage storage = new HostStorage(directory);
                TestLog log = TestLog.create(storage, CONFIG)) {
            log.led();
            appendAndFollow(log, WARM_UP_APPENDS);
            final long measuredFrom = log.log.endLsn();

            final long beforeAppends = THREADS.getCurrentThreadAllocatedBytes();
            final long recent = appendAndFollow(log, APPENDS);
            final long byAppends = THREADS.getCurrentThreadAllocatedBytes() - beforeAppends;

            log.readAll(TestLog.START_LSN);
            final long beforeReads = THREADS.getCurrentThreadAllocatedBytes();
            log.readAll(TestLog.START_LSN);
            final long byReads = THREADS.getCurrentThreadAllocatedBytes() - beforeReads;

            System.out.println(APPENDS + " appends allocated " + byAppends + " bytes, reading "
                    + (log.log.durableLsn() - TestLog.START_LSN) + " bytes allocated " + byReads);
            assertThat(byAppends).as("bytes allocated by appends").isLessThan(ALLOWED_BYTES);
            assertThat(byReads).as("bytes allocated by reads").isLessThan(ALLOWED_BYTES);
            assertThat(recent).as("read from memory").isEqualTo(log.log.durableLsn() - measuredFrom);
        }
    }

    /** Appends of many lengths, and a reader at the end of the log; returns how much that read. */
    private static long appendAndFollow(final TestLog log, final int appends) {
        final long from = log.log.durableLsn();
        long read = from;
        for (int i = 0; i < appends; ) {
            i += log.offer(1 + i * 31 % MAX_APPEND_BYTES) > 0 ? 1 : 0;
            log.log.doWork();
            read += log.readRecent(read);
        }
        while (read < log.log.endLsn()) {
            log.log.doWork();
            read += log.readRecent(read);
        }
        return read - from;
    }
}
