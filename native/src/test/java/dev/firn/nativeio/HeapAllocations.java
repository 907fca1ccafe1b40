package dev.firn.nativeio;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that the calling thread allocates on the Java heap. */
public final class HeapAllocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private HeapAllocations() {}

    /** Runs the work once to warm it up, and again to count. */
    public static long bytesOfSecondRun(final Runnable work) {
        work.run();
        final long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
