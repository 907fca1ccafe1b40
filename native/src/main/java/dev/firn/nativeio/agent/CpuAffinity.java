package dev.firn.nativeio.agent;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.posix.ThreadCalls;
import dev.firn.nativeio.storage.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which CPUs the calling thread runs on. Of platform threads only: a virtual thread would move its carrier, and with it all
 * who come after.
 */
public final class CpuAffinity {
    private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");
    private static final long MASK_BYTES = CpuSet.MAX_CPUS / Byte.SIZE;

    private CpuAffinity() {}

    /** The CPUs that the calling thread may run on now. */
    public static CpuSet current() {
        requirePlatformThread();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(JAVA_LONG, MASK_BYTES / Long.BYTES);
            final int result = ThreadCalls.getAffinity(ThreadCalls.CALLING_THREAD, mask);
            if (result != 0) {
                throw new IllegalStateException("sched_getaffinity: " + Errno.describe(-result));
            }
            return CpuSet.ofMask(mask.toArray(JAVA_LONG));
        }
    }

    /** The CPUs that the host has switched on. */
    public static CpuSet online() {
        try {
            return CpuSet.parse(Files.readString(ONLINE));
        } catch (final IOException e) {
            throw new IllegalStateException("cannot read which CPUs there are from " + ONLINE, e);
        }
    }

    /**
     * Lets the calling thread run on these CPUs only, and proves it.
     *
     * @return where it could run before, for {@link #restore}.
     * @throws IllegalArgumentException when the set is empty, or holds a CPU that is not there or that this process (its
     *     cpuset) may not use. The thread stays where it was.
     */
    public static CpuSet pin(final CpuSet cpus) {
        final CpuSet before = current();
        requireOnline(cpus);
        final int result = set(cpus);
        if (result != 0) {
            throw refused(cpus, before, Errno.describe(-result));
        }
        // The kernel leaves out what it does not allow without an error.
        final CpuSet now = current();
        if (!now.equals(cpus)) {
            restore(before);
            throw refused(cpus, before, "CPUs " + cpus.minus(now) + " are not among those of this process's cpuset");
        }
        return before;
    }

    /** Puts the calling thread back to where {@link #pin} found it. */
    public static void restore(final CpuSet before) {
        requirePlatformThread();
        final int result = set(before);
        if (result != 0) {
            throw new IllegalStateException(
                    "cannot go back to CPUs " + before + ": sched_setaffinity: " + Errno.describe(-result));
        }
    }

    /** Refuses what no thread of this host could be pinned to. */
    static void requireOnline(final CpuSet cpus) {
        if (cpus.isEmpty()) {
            throw new IllegalArgumentException("a thread cannot be pinned to no CPU at all");
        }
        final CpuSet online = online();
        final CpuSet missing = cpus.minus(online);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "cannot pin to CPUs " + cpus + ": there is no CPU " + missing + "; this host has " + online);
        }
    }

    private static int set(final CpuSet cpus) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(JAVA_LONG, MASK_BYTES / Long.BYTES);
            mask.copyFrom(MemorySegment.ofArray(cpus.mask()));
            return ThreadCalls.setAffinity(ThreadCalls.CALLING_THREAD, mask);
        }
    }

    private static IllegalArgumentException refused(final CpuSet cpus, final CpuSet before, final String why) {
        return new IllegalArgumentException(
                "cannot pin to CPUs " + cpus + ", the thread stays on " + before + ": " + why);
    }

    private static void requirePlatformThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no CPUs of its own: use a platform thread");
        }
    }
}
