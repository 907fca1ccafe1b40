package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The way into the kernel, io_uring_enter(2): hands over what the submission queue has published, and waits for completions.
 * Owned by the ring's thread.
 */
final class Entrance {
    private static final long TIMESPEC_BYTES = 16;
    private static final long NANOS_A_SECOND = 1_000_000_000L;
    private static final int GET_EVENTS = LibUring.IORING_ENTER_GETEVENTS();
    private static final int EXTENDED_ARGUMENT = LibUring.IORING_ENTER_EXT_ARG();
    private static final int REGISTERED_RING = LibUring.IORING_ENTER_REGISTERED_RING();
    private static final int WAKE_UP = LibUring.IORING_ENTER_SQ_WAKEUP();

    /** struct io_uring_getevents_arg: sigmask, sigmask_sz, min_wait_usec, ts. */
    private static final long ARGUMENT_BYTES = 24;

    private static final long ARGUMENT_TIMESPEC = 16;

    private final int descriptor;
    private final int baseFlags;
    private final boolean submissionThread;
    private final boolean timedWait;
    private final MemorySegment argument;
    private final MemorySegment timespec;

    Entrance(final UringSetup setup, final Arena arena) {
        descriptor = setup.enterDescriptor();
        baseFlags = setup.registered() ? REGISTERED_RING : 0;
        submissionThread = setup.submissionThread();
        timedWait = setup.hasFeature(LibUring.IORING_FEAT_EXT_ARG());
        argument = arena.allocate(ARGUMENT_BYTES, Long.BYTES);
        timespec = arena.allocate(TIMESPEC_BYTES, Long.BYTES);
        argument.set(JAVA_LONG, ARGUMENT_TIMESPEC, timespec.address());
    }

    /** Hands the published entries over and returns how many the kernel took. */
    int submit(final SubmissionQueue queue) {
        final int pending = queue.untaken();
        if (pending == 0) {
            return 0;
        }
        if (submissionThread) {
            if (queue.needsWakeup()) {
                enter(pending, 0, WAKE_UP, MemorySegment.NULL, 0);
            }
            return pending;
        }
        return Math.max(0, enter(pending, 0, 0, MemorySegment.NULL, 0));
    }

    void submitAndWait(final SubmissionQueue queue, final int wanted, final long timeoutNs) {
        final int pending = queue.untaken();
        final int wakeUp = submissionThread && pending > 0 && queue.needsWakeup() ? WAKE_UP : 0;
        if (timeoutNs == Long.MAX_VALUE || !timedWait) {
            enter(pending, wanted, GET_EVENTS | wakeUp, MemorySegment.NULL, 0);
            return;
        }
        timespec.set(JAVA_LONG, 0, timeoutNs / NANOS_A_SECOND);
        timespec.set(JAVA_LONG, Long.BYTES, timeoutNs % NANOS_A_SECOND);
        enter(pending, wanted, GET_EVENTS | EXTENDED_ARGUMENT | wakeUp, argument, ARGUMENT_BYTES);
    }

    /** Lets the kernel post what it holds back, without waiting. */
    void collect() {
        enter(0, 0, GET_EVENTS, MemorySegment.NULL, 0);
    }

    /**
     * io_uring_enter. Being interrupted, out of time, or short of memory for new requests is an outcome: what was not
     * taken stays queued. Anything else means that the ring is broken.
     */
    private int enter(
            final int submit, final int wanted, final int flags, final MemorySegment extra, final long extraBytes) {
        final int taken = LibUring.io_uring_enter2(descriptor, submit, wanted, baseFlags | flags, extra, extraBytes);
        if (taken < 0
                && taken != -Errno.EINTR
                && taken != -Errno.ETIME
                && taken != -Errno.EAGAIN
                && taken != -Errno.EBUSY) {
            throw new StorageException("io_uring_enter", "", -1, -taken);
        }
        return taken;
    }
}
