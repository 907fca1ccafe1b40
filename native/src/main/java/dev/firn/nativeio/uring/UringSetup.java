package dev.firn.nativeio.uring;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.liburing.io_uring;
import dev.firn.nativeio.liburing.io_uring_params;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Opens a ring with the best set of flags that the kernel accepts: each {@link Step} asks for less than the one before it.
 *
 * @param ring liburing's {@code struct io_uring}, owned by the arena given to {@link #open}.
 * @param features IORING_FEAT_ bits of the kernel.
 * @param enterDescriptor what io_uring_enter is called with: the registered ring's index, or its descriptor.
 * @param registered whether the ring's descriptor is registered, so that each enter saves a file look-up.
 */
record UringSetup(MemorySegment ring, Step step, int features, int enterDescriptor, boolean registered) {
    /** struct io_uring is 216 bytes in liburing 2.3; room is left for later ones. */
    private static final long RING_STRUCT_BYTES = Math.max(512, io_uring.sizeof());

    private static final long CACHE_LINE_BYTES = 64;

    /** A set of setup flags, and what they are called in messages. */
    record Step(String name, int flags) {}

    /** Since Linux 6.1: completions are worked off only when the owner asks, with no interrupt of it. */
    static final Step DEFERRED = new Step(
            "SINGLE_ISSUER DEFER_TASKRUN",
            LibUring.IORING_SETUP_SINGLE_ISSUER()
                    | LibUring.IORING_SETUP_DEFER_TASKRUN()
                    | LibUring.IORING_SETUP_TASKRUN_FLAG());

    /** Since 6.0. */
    static final Step SINGLE_ISSUER = new Step(
            "SINGLE_ISSUER COOP_TASKRUN",
            LibUring.IORING_SETUP_SINGLE_ISSUER()
                    | LibUring.IORING_SETUP_COOP_TASKRUN()
                    | LibUring.IORING_SETUP_TASKRUN_FLAG());

    /**
     * Since 5.19, and the least that is asked for: a kernel that refuses it also lacks cancelling all operations of a ring
     * at once, without which a ring with a long time-out in flight could not be closed.
     */
    static final Step COOPERATIVE =
            new Step("COOP_TASKRUN", LibUring.IORING_SETUP_COOP_TASKRUN() | LibUring.IORING_SETUP_TASKRUN_FLAG());

    /** A kernel thread takes the submissions; excludes the flags about the owner's task work. */
    static final Step SUBMISSION_THREAD =
            new Step("SQPOLL SINGLE_ISSUER", LibUring.IORING_SETUP_SQPOLL() | LibUring.IORING_SETUP_SINGLE_ISSUER());

    static final Step SUBMISSION_THREAD_PLAIN = new Step("SQPOLL", LibUring.IORING_SETUP_SQPOLL());

    static final List<Step> STEPS = List.of(DEFERRED, SINGLE_ISSUER, COOPERATIVE);
    static final List<Step> SUBMISSION_THREAD_STEPS = List.of(SUBMISSION_THREAD, SUBMISSION_THREAD_PLAIN);

    /** Since 5.18: a bad entry fails by itself, and the entries after it are still taken. */
    private static final int SUBMIT_ALL = LibUring.IORING_SETUP_SUBMIT_ALL();

    /**
     * Opens a ring, or throws with the errno of the last step tried.
     *
     * @param arena owns the struct; closed by the caller after {@link #close}.
     */
    static UringSetup open(final Arena arena, final RingConfig config) {
        final List<Step> steps = config.submissionThread() ? SUBMISSION_THREAD_STEPS : STEPS;
        int status = -Errno.EINVAL;
        for (final Step step : steps) {
            final MemorySegment ring = arena.allocate(RING_STRUCT_BYTES, CACHE_LINE_BYTES);
            final MemorySegment params = io_uring_params.allocate(arena);
            status = initialise(ring, params, config, step.flags() | SUBMIT_ALL);
            if (status == -Errno.EINVAL) {
                status = initialise(ring, params, config, step.flags());
            }
            if (status == 0) {
                return opened(ring, params, step);
            }
            if (status != -Errno.EINVAL) {
                break;
            }
        }
        throw new StorageException("io_uring_setup", "", -1, -status);
    }

    /** One attempt; 0 or the negative errno. */
    static int initialise(
            final MemorySegment ring, final MemorySegment params, final RingConfig config, final int flags) {
        params.fill((byte) 0);
        io_uring_params.flags(params, flags);
        io_uring_params.sq_thread_idle(params, config.submissionThread() ? config.submissionThreadIdleMs() : 0);
        return LibUring.io_uring_queue_init_params(config.capacity(), ring, params);
    }

    private static UringSetup opened(final MemorySegment ring, final MemorySegment params, final Step step) {
        final boolean registered = LibUring.io_uring_register_ring_fd(ring) == 1;
        final int descriptor = registered ? io_uring.enter_ring_fd(ring) : io_uring.ring_fd(ring);
        return new UringSetup(ring, step, io_uring_params.features(params), descriptor, registered);
    }

    boolean hasFeature(final int feature) {
        return (features & feature) != 0;
    }

    boolean submissionThread() {
        return (step.flags() & LibUring.IORING_SETUP_SQPOLL()) != 0;
    }

    void close() {
        LibUring.io_uring_queue_exit(ring);
    }
}
