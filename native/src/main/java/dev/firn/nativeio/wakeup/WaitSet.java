package dev.firn.nativeio.wakeup;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.firn.nativeio.agent.WorkSignal;
import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.WaitCalls;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * All that one thread waits for: its doorbells, its ring's completions, its sockets; and time, at which it looks after what nobody
 * signals.
 *
 * <p>Made by anyone; then of the thread that waits. Nothing is allocated by waiting.
 */
public final class WaitSet implements WorkSignal, AutoCloseable {
    /** Doorbells, sockets, and rings: a WAL node has one for each of its logs. */
    private static final int MAX_DESCRIPTORS = 128;

    private static final int RESTING_FACTOR = 4;

    private static final long NS_A_SECOND = 1_000_000_000L;

    private final Arena arena = Arena.ofShared();
    private final ErrnoCapture errno = new ErrnoCapture(arena);
    private final MemorySegment descriptors = arena.allocate(MAX_DESCRIPTORS * WaitCalls.POLLFD_BYTES, Long.BYTES);
    private final MemorySegment timeout = arena.allocate(WaitCalls.TIMESPEC_BYTES, Long.BYTES);
    private final MemorySegment counter = arena.allocate(Long.BYTES, Long.BYTES);
    private final Bell[] bells = new Bell[MAX_DESCRIPTORS];
    private final boolean[] isRing = new boolean[MAX_DESCRIPTORS];
    private final long longestNs;
    private final long restingNs;
    private final long longestUnsignalledNs;

    /** How long the next wait lasts at most: longer, the more have ended without a signal. */
    private long nextNs;

    private int count;
    private int unsignalled;

    /** The next wait is not to last longer. */
    private long patienceNs = Long.MAX_VALUE;

    private boolean closed;

    /**
     * @param longestNs after which a waiting thread wakes without a signal, for its timers.
     * @param longestUnsignalledNs the same while it waits for something that cannot signal, or is in a hurry.
     */
    public WaitSet(final long longestNs, final long longestUnsignalledNs) {
        this(longestNs, longestNs, longestUnsignalledNs);
    }

    /**
     * @param longestNs after which a thread wakes without a signal that was signalled a moment ago.
     * @param restingNs the same for a thread that has not been for a while: it comes to this by waiting {@value #RESTING_FACTOR} times
     *     longer each time.
     * @param longestUnsignalledNs as above.
     */
    public WaitSet(final long longestNs, final long restingNs, final long longestUnsignalledNs) {
        this.longestNs = longestNs;
        this.restingNs = Math.max(longestNs, restingNs);
        this.nextNs = longestNs;
        this.longestUnsignalledNs = Math.min(longestNs, longestUnsignalledNs);
    }

    /** Waits for whoever rings. The doorbell stays its owner's. */
    public void add(final Doorbell doorbell) {
        addBell(doorbell);
    }

    /** Waits for threads of this process; it stays its owner's. */
    public void add(final Wakeup wakeup) {
        addBell(wakeup);
    }

    /** Waits for it no more: call it before it is closed. */
    public void remove(final Wakeup wakeup) {
        removeDescriptor(wakeup.descriptor());
    }

    private void addBell(final Bell bell) {
        addDescriptor(bell.descriptor());
        bells[count - 1] = bell;
    }

    /** Waits for completions; of a ring that cannot signal them, by looking often. */
    public void add(final Ring ring) {
        final int descriptor = ring.descriptor();
        if (descriptor == Ring.NO_DESCRIPTOR) {
            unsignalled++;
        } else {
            addDescriptor(descriptor);
            isRing[count - 1] = true;
        }
    }

    /** Waits until there is something to read, or its other end has hung up; {@link SocketDescriptors} has those of sockets. */
    public void addDescriptor(final int descriptor) {
        if (count == MAX_DESCRIPTORS) {
            throw new IllegalStateException("a thread waits for " + MAX_DESCRIPTORS + " descriptors at most");
        }
        final long at = count * WaitCalls.POLLFD_BYTES;
        descriptors.set(JAVA_INT, at, descriptor);
        descriptors.set(JAVA_SHORT, at + WaitCalls.POLLFD_EVENTS_OFFSET, WaitCalls.POLLIN);
        bells[count] = null;
        isRing[count] = false;
        count++;
    }

    /** Waits for this ring no more. */
    public void remove(final Ring ring) {
        final int descriptor = ring.descriptor();
        if (descriptor == Ring.NO_DESCRIPTOR) {
            unsignalled--;
        } else {
            removeDescriptor(descriptor);
        }
    }

    /** Waits for this descriptor no more: call it before it is closed. */
    public void removeDescriptor(final int descriptor) {
        for (int i = 0; i < count; i++) {
            final long at = i * WaitCalls.POLLFD_BYTES;
            if (descriptors.get(JAVA_INT, at) == descriptor) {
                count--;
                MemorySegment.copy(
                        descriptors, count * WaitCalls.POLLFD_BYTES, descriptors, at, WaitCalls.POLLFD_BYTES);
                bells[i] = bells[count];
                bells[count] = null;
                isRing[i] = isRing[count];
                return;
            }
        }
        throw new IllegalArgumentException("the thread does not wait for descriptor " + descriptor);
    }

    /**
     * The next wait ends after this time, signal or not, when it would not end before: something is due then. To be called in each
     * duty cycle, the last call counts; {@code Long.MAX_VALUE} when nothing is due.
     */
    public void wakeWithin(final long ns) {
        patienceNs = ns;
    }

    @Override
    public void arm() {
        for (int i = 0; i < count; i++) {
            if (bells[i] != null) {
                bells[i].arm();
            } else if (isRing[i]) {
                // Completions that were signalled and are polled already would end the wait for nothing.
                WaitCalls.read(errno, descriptors.get(JAVA_INT, i * WaitCalls.POLLFD_BYTES), counter);
            }
        }
    }

    @Override
    public void disarm() {
        for (int i = 0; i < count; i++) {
            if (bells[i] != null) {
                bells[i].disarm();
            }
        }
    }

    @Override
    public void await() {
        final long waitNs = nextWaitNs();
        timeout.set(JAVA_LONG, 0, waitNs / NS_A_SECOND);
        timeout.set(JAVA_LONG, Long.BYTES, waitNs % NS_A_SECOND);
        final int ready = WaitCalls.poll(errno, descriptors, count, timeout);
        if (ready < 0 && ready != -Errno.EINTR) {
            throw new IllegalStateException("ppoll of " + count + " descriptors: " + Errno.describe(-ready));
        }
        awoke(waitNs, ready != 0, ready > 0, descriptors, 0);
    }

    /** How long this set would wait. Asked once for each wait: a hurry is forgotten by it. */
    long nextWaitNs() {
        boolean isShort = unsignalled > 0;
        for (int i = 0; i < count; i++) {
            isShort |= bells[i] != null && bells[i].takeHurry();
        }
        return Math.min(patienceNs, isShort ? longestUnsignalledNs : nextNs);
    }

    int descriptorCount() {
        return count;
    }

    /** Writes what it waits for, as ppoll wants it. */
    void copyDescriptors(final MemorySegment to, final long offset) {
        MemorySegment.copy(descriptors, 0, to, offset, count * WaitCalls.POLLFD_BYTES);
    }

    /**
     * The wait is over.
     *
     * @param isEarly something has ended it before its time.
     * @param isAnswered the kernel has written which descriptors are ready, to {@code answered} from {@code offset} on.
     */
    void awoke(
            final long waitedNs,
            final boolean isEarly,
            final boolean isAnswered,
            final MemorySegment answered,
            final long offset) {
        if (isEarly) {
            nextNs = longestNs;
        } else if (waitedNs >= nextNs) {
            nextNs = Math.min(nextNs * RESTING_FACTOR, restingNs);
        }
        for (int i = 0; i < count && isAnswered; i++) {
            final long at = offset + i * WaitCalls.POLLFD_BYTES;
            if (bells[i] != null && answered.get(JAVA_SHORT, at + WaitCalls.POLLFD_ANSWERED_OFFSET) != 0) {
                bells[i].drain();
            }
        }
    }

    /** Call it when the thread has stopped. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.close();
        }
    }
}
