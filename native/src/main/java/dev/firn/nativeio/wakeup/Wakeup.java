package dev.firn.nativeio.wakeup;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.posix.WaitCalls;
import dev.firn.nativeio.storage.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends the wait of a thread of this process: whoever has work for it puts that where it looks, and then calls {@link #wake}, which costs
 * next to nothing while the thread is awake.
 *
 * <p>Closed by whoever made it, when the thread waits no more and nobody wakes it.
 */
public final class Wakeup implements Bell, AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ErrnoCapture errnoOfWaiter = new ErrnoCapture(arena);
    private final ErrnoCapture errnoOfWaker = new ErrnoCapture(arena);
    private final MemorySegment drained = arena.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
    private final AtomicBoolean isAwaited = new AtomicBoolean();
    private final int event;
    private boolean closed;

    private Wakeup(final int event) {
        this.event = event;
    }

    public static Wakeup open() {
        final int event = WaitCalls.openEvent();
        if (event < 0) {
            throw new IllegalStateException("eventfd: " + Errno.describe(-event));
        }
        return new Wakeup(event);
    }

    /** From any thread. Of several that call it while the other sleeps, one rings. */
    public void wake() {
        // What was put there is to be seen before it is known whether somebody sleeps.
        VarHandle.fullFence();
        if (isAwaited.get() && isAwaited.compareAndSet(true, false)) {
            // A full counter is as good as a rung one.
            WaitCalls.write(errnoOfWaker, event, one);
        }
    }

    @Override
    public int descriptor() {
        return event;
    }

    @Override
    public void arm() {
        isAwaited.set(true);
    }

    @Override
    public void disarm() {
        isAwaited.set(false);
    }

    @Override
    public void drain() {
        WaitCalls.read(errnoOfWaiter, event, drained);
    }

    @Override
    public boolean takeHurry() {
        return false;
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            FileCalls.close(event);
            arena.close();
        }
    }
}
