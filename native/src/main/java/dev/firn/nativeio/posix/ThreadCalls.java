package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Which CPUs the calling thread may run on (sched_setaffinity(2)). All calls are of the control path. */
public final class ThreadCalls {
    /** The thread that makes the call. */
    public static final int CALLING_THREAD = 0;

    private static final MethodHandle SCHED_SETAFFINITY =
            Libc.function("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle SCHED_GETAFFINITY =
            Libc.function("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle GETTID = Libc.function("gettid", FunctionDescriptor.of(JAVA_INT));

    private ThreadCalls() {}

    /**
     * Moves a thread to the CPUs of the mask. The kernel drops CPUs that are not there or not allowed without a word, and
     * fails (EINVAL) only when none is left: read the mask back.
     *
     * @param mask bit n stands for CPU n, as in cpu_set_t; native memory, borrowed for the call.
     * @return 0, or -errno.
     */
    public static int setAffinity(final int threadId, final MemorySegment mask) {
        return affinityCall(SCHED_SETAFFINITY, threadId, mask);
    }

    /**
     * Reads the CPUs that a thread may run on.
     *
     * @param mask filled in whole; EINVAL when it is too short for the CPUs that the kernel was built for.
     * @return 0, or -errno.
     */
    public static int getAffinity(final int threadId, final MemorySegment mask) {
        mask.fill((byte) 0);
        return affinityCall(SCHED_GETAFFINITY, threadId, mask);
    }

    /** The kernel's id of the calling thread, as in /proc/self/task. */
    public static int currentThreadId() {
        try (Arena arena = Arena.ofConfined()) {
            return (int) GETTID.invokeExact(new ErrnoCapture(arena).segment());
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    private static int affinityCall(final MethodHandle handle, final int threadId, final MemorySegment mask) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            final int result = (int) handle.invokeExact(errno.segment(), threadId, mask.byteSize(), mask);
            return (int) errno.orErrno(result);
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }
}
