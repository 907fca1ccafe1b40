package dev.firn.bench.micro;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Heap bytes that the measuring thread itself allocates between the first and the last operation of an iteration.
 *
 * <p>JMH's gc profiler also counts what JMH allocates around an iteration, about 10 KB: nothing beside millions of short
 * operations, but more than nothing beside thousands of long ones. This counter is exact for both.
 */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class AllocationCounter {
    static final String METRIC = "allocatedBytes";

    /** Read and reset by JMH at each iteration; its name is {@link #METRIC}. */
    public long allocatedBytes;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long before;

    @Setup(Level.Iteration)
    public void start() {
        before = threads.getCurrentThreadAllocatedBytes();
    }

    @TearDown(Level.Iteration)
    public void stop() {
        allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;
    }
}
