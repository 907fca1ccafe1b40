package dev.firn.nativeio.wakeup;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.agent.WorkSignal;
import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.WaitCalls;
import dev.firn.nativeio.storage.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One wait for several wait sets: it ends when the first of them would.
 *
 * <p>Of the thread that waits. Nothing is allocated by waiting, unless sets have grown.
 */
final class JointWaits implements WorkSignal, AutoCloseable {
    private static final int FIRST_DESCRIPTORS = 64;
    private static final long NS_A_SECOND = 1_000_000_000L;

    private final List<WaitSet> sets = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final ErrnoCapture errno = new ErrnoCapture(arena);
    private final MemorySegment timeout = arena.allocate(WaitCalls.TIMESPEC_BYTES, Long.BYTES);
    private MemorySegment descriptors = descriptors(FIRST_DESCRIPTORS);

    void add(final WaitSet set) {
        sets.add(set);
    }

    void remove(final WaitSet set) {
        sets.remove(set);
    }

    private MemorySegment descriptors(final int count) {
        return arena.allocate(count * WaitCalls.POLLFD_BYTES, Long.BYTES);
    }

    @Override
    public void arm() {
        for (int i = 0; i < sets.size(); i++) {
            sets.get(i).arm();
        }
    }

    @Override
    public void disarm() {
        for (int i = 0; i < sets.size(); i++) {
            sets.get(i).disarm();
        }
    }

    @Override
    public void await() {
        long waitNs = Long.MAX_VALUE;
        int count = 0;
        for (int i = 0; i < sets.size(); i++) {
            waitNs = Math.min(waitNs, sets.get(i).nextWaitNs());
            count += sets.get(i).descriptorCount();
        }
        if (count * WaitCalls.POLLFD_BYTES > descriptors.byteSize()) {
            descriptors = descriptors(2 * count);
        }
        long at = 0;
        for (int i = 0; i < sets.size(); i++) {
            sets.get(i).copyDescriptors(descriptors, at);
            at += sets.get(i).descriptorCount() * WaitCalls.POLLFD_BYTES;
        }
        timeout.set(JAVA_LONG, 0, waitNs / NS_A_SECOND);
        timeout.set(JAVA_LONG, Long.BYTES, waitNs % NS_A_SECOND);
        final int ready = WaitCalls.poll(errno, descriptors, count, timeout);
        if (ready < 0 && ready != -Errno.EINTR) {
            throw new IllegalStateException("ppoll of " + count + " descriptors: " + Errno.describe(-ready));
        }
        at = 0;
        for (int i = 0; i < sets.size(); i++) {
            sets.get(i).awoke(waitNs, ready != 0, ready > 0, descriptors, at);
            at += sets.get(i).descriptorCount() * WaitCalls.POLLFD_BYTES;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
