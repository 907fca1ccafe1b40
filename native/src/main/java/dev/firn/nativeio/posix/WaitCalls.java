package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls by which a thread waits, and by which others end its wait: ppoll(2), mkfifo(3), eventfd(2), read(2) and write(2), prctl(2). */
public final class WaitCalls {
    public static final int O_NONBLOCK = 0x800;

    /** poll.h: there is something to read. */
    public static final short POLLIN = 1;

    /** struct pollfd of poll.h: the descriptor, what is asked, what is answered. */
    public static final long POLLFD_BYTES = 8;

    public static final long POLLFD_EVENTS_OFFSET = 4;
    public static final long POLLFD_ANSWERED_OFFSET = 6;

    /** struct timespec on 64-bit Linux: seconds, nanoseconds. */
    public static final long TIMESPEC_BYTES = 16;

    /** linux/prctl.h. */
    private static final int PR_SET_TIMERSLACK = 29;

    private static final MethodHandle PPOLL =
            Libc.function("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
    private static final MethodHandle MKFIFO =
            Libc.function("mkfifo", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle EVENTFD =
            Libc.function("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle READ =
            Libc.function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            Libc.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle PRCTL = Libc.function(
            "prctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));

    private WaitCalls() {}

    /**
     * Waits until one of the descriptors has what is asked of it.
     *
     * @param descriptors {@code count} structs pollfd.
     * @param timeout a struct timespec.
     * @return how many are ready, 0 when the time is over, or -errno.
     */
    public static int poll(
            final ErrnoCapture errno, final MemorySegment descriptors, final long count, final MemorySegment timeout) {
        try {
            return (int) errno.orErrno(
                    (int) PPOLL.invokeExact(errno.segment(), descriptors, count, timeout, MemorySegment.NULL));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Makes a named pipe. Returns 0, or -errno. */
    public static int makePipe(final String path, final int mode) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) MKFIFO.invokeExact(errno.segment(), arena.allocateFrom(path), mode));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** A counter that others add to, and that is readable while it is not zero: the descriptor, or -errno. Reading never waits. */
    public static int openEvent() {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int) errno.orErrno((int) EVENTFD.invokeExact(errno.segment(), 0, O_NONBLOCK | FileCalls.O_CLOEXEC));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Reads from what has no positions. Returns the bytes read, or -errno. */
    public static long read(final ErrnoCapture errno, final int descriptor, final MemorySegment buffer) {
        try {
            return errno.orErrno((long) READ.invokeExact(errno.segment(), descriptor, buffer, buffer.byteSize()));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Writes to what has no positions. Returns the bytes written, or -errno. */
    public static long write(final ErrnoCapture errno, final int descriptor, final MemorySegment buffer) {
        try {
            return errno.orErrno((long) WRITE.invokeExact(errno.segment(), descriptor, buffer, buffer.byteSize()));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }

    /**
     * Says how late the kernel may wake the calling thread from a timed wait, to save power: 50 µs unless it is told. Returns
     * 0, or -errno.
     */
    public static int setTimerSlack(final long slackNs) {
        try (Arena arena = Arena.ofConfined()) {
            final ErrnoCapture errno = new ErrnoCapture(arena);
            return (int)
                    errno.orErrno((int) PRCTL.invokeExact(errno.segment(), PR_SET_TIMERSLACK, slackNs, 0L, 0L, 0L));
        } catch (final Throwable e) {
            throw Libc.broken(e);
        }
    }
}
