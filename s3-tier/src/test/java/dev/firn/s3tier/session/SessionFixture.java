package dev.firn.s3tier.session;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One session over a scripted backend, what it answered, and memory that must all be given back. */
final class SessionFixture implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("session-test");

    static final CallOptions MINUTE = CallOptions.within(Duration.ofMinutes(1));

    final LeakCheck leaks = LeakCheck.start();
    final OffHeapMemory memory = leaks.memory(16 << 20);
    final ManualClock clock = new ManualClock();
    final ScriptedBackend backend;
    final ObjectStore store;
    final StoreSession session;
    final List<StoreOutcome> outcomes = new ArrayList<>();
    private final List<MemorySegment> buffers = new ArrayList<>();

    SessionFixture() {
        this(limits().build());
    }

    SessionFixture(final StoreLimits limits) {
        backend = new ScriptedBackend(limits);
        store = SessionStore.over(backend, clock, SystemRandom.seeded(4));
        session = store.openSession();
    }

    static LimitsBuilder limits() {
        return new LimitsBuilder();
    }

    /** A buffer filled with one byte; freed at the end. */
    MemorySegment buffer(final long bytes, final int fill) {
        final MemorySegment buffer = memory.allocate(bytes, TAG).fill((byte) fill);
        buffers.add(buffer);
        return buffer;
    }

    static byte[] bytes(final MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    <T extends StoreOutcome> OutcomeHandler<T> keep() {
        return outcomes::add;
    }

    int poll() {
        return session.poll(Integer.MAX_VALUE);
    }

    /** Moves the clock in steps until something was sent or answered. */
    void pollUntilSent() {
        final int before = backend.begun.size();
        poll();
        for (int i = 0; i < 10_000 && backend.begun.size() == before; i++) {
            clock.advance(Duration.ofMillis(1));
            poll();
        }
        if (backend.begun.size() == before) {
            throw new AssertionError("nothing was sent within 10 s; answered: " + outcomes);
        }
    }

    StoreOutcome only() {
        if (outcomes.size() != 1) {
            throw new AssertionError("not one outcome but " + outcomes);
        }
        return outcomes.getFirst();
    }

    @Override
    public void close() {
        backend.onCancel = ScriptedBackend.cancelledWith(dev.firn.s3tier.backend.AttemptResult.Effect.UNKNOWN);
        session.close();
        store.close();
        buffers.forEach(memory::free);
        leaks.close();
    }
}
