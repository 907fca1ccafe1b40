package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.liburing.io_uring;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.WaitCalls;
import dev.firn.nativeio.storage.Ring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The eventfd that a ring signals when there are completions, or deferred work that will become some (io_uring_register(2),
 * IORING_REGISTER_EVENTFD).
 *
 * @param descriptor {@link Ring#NO_DESCRIPTOR} where the kernel refused.
 */
record CompletionSignal(int descriptor) {
    /** @param arena owns the argument of the call. */
    static CompletionSignal register(final UringSetup setup, final Arena arena) {
        final int event = WaitCalls.openEvent();
        if (event < 0) {
            return new CompletionSignal(Ring.NO_DESCRIPTOR);
        }
        final MemorySegment argument = arena.allocateFrom(JAVA_INT, event);
        final int result = LibUring.io_uring_register(
                io_uring.ring_fd(setup.ring()), LibUring.IORING_REGISTER_EVENTFD(), argument, 1);
        if (result < 0) {
            FileCalls.close(event);
            return new CompletionSignal(Ring.NO_DESCRIPTOR);
        }
        return new CompletionSignal(event);
    }

    /** When the ring is gone. */
    void close() {
        if (descriptor != Ring.NO_DESCRIPTOR) {
            FileCalls.close(descriptor);
        }
    }
}
