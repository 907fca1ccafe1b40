package dev.firn.bench.meter;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Reads time, processor time and allocation at both ends of what is measured. For the thread that measures. */
public final class Meter {
    private static final Path PROCESS_STAT = Path.of("/proc/self/stat");
    private static final Pattern SPACE = Pattern.compile(" ");
    // proc(5): utime and stime are fields 14 and 15; the name in field 2 ends at the last parenthesis, field 3 follows.
    private static final int USER_TIME_AFTER_NAME = 11;
    private static final int SYSTEM_TIME_AFTER_NAME = 12;
    // USER_HZ, the unit of those fields, is 100 on every architecture that the JDK runs on.
    private static final long NS_A_TICK = 10_000_000L;

    private final Clock clock;
    private final boolean ofProcess;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long startNs;
    private long elapsedNs;
    private long userCpuNs;
    private long systemCpuNs;
    private long allocatedBytes;

    /** Counts the heap bytes that the calling thread allocates. */
    public Meter(final Clock clock) {
        this(clock, false);
    }

    private Meter(final Clock clock, final boolean ofProcess) {
        this.clock = clock;
        this.ofProcess = ofProcess;
    }

    /** Counts the heap bytes that all threads allocate: for what is done by threads that a library made. */
    public static Meter ofProcess(final Clock clock) {
        return new Meter(clock, true);
    }

    public void start() {
        readCpu(-1);
        allocatedBytes = -allocated();
        startNs = clock.nanoTime();
    }

    public void stop() {
        elapsedNs = clock.nanoTime() - startNs;
        allocatedBytes += allocated();
        readCpu(1);
    }

    /**
     * @param allocatedByOthers heap bytes of further measuring threads.
     */
    public Measurement measurement(
            final long operations, final LatencyRecorder latency, final long allocatedByOthers, final String backend) {
        return new Measurement(
                operations,
                elapsedNs,
                latency.percentileNs(50),
                latency.percentileNs(99),
                userCpuNs,
                systemCpuNs,
                allocatedBytes + allocatedByOthers,
                backend);
    }

    private long allocated() {
        return ofProcess ? threads.getTotalThreadAllocatedBytes() : threads.getCurrentThreadAllocatedBytes();
    }

    private void readCpu(final int sign) {
        try {
            final String stat = Files.readString(PROCESS_STAT, StandardCharsets.US_ASCII);
            final List<String> fields = SPACE.splitAsStream(stat.substring(stat.lastIndexOf(')') + 2))
                    .toList();
            final long userNs = Long.parseLong(fields.get(USER_TIME_AFTER_NAME)) * NS_A_TICK;
            final long systemNs = Long.parseLong(fields.get(SYSTEM_TIME_AFTER_NAME)) * NS_A_TICK;
            userCpuNs = sign < 0 ? -userNs : userCpuNs + userNs;
            systemCpuNs = sign < 0 ? -systemNs : systemCpuNs + systemNs;
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + PROCESS_STAT, e);
        }
    }
}
