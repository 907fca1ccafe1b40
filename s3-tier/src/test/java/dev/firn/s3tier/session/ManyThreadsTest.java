package dev.firn.s3tier.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Sessions of several threads over a backend whose answers come from several others. */
class ManyThreadsTest {
    private static final MemoryTag TAG = MemoryTag.of("threads-test");
    private static final int SESSIONS = 4;
    private static final int CALLS = 5_000;

    /** Answers from a pool, some with failures; counts what is in flight. */
    private static final class PoolBackend implements StoreBackend {
        private final ExecutorService pool = Executors.newFixedThreadPool(3);
        private final StoreLimits limits = SessionFixture.limits()
                .requestsInFlight(8)
                .retryBudget(100_000)
                .backoffNs(1, 1_000)
                .maxAttempts(50)
                .build();
        private final AtomicInteger inFlight = new AtomicInteger();
        private final AtomicInteger mostInFlight = new AtomicInteger();
        private final AtomicInteger number = new AtomicInteger();

        @Override
        public void begin(final Attempt attempt) {
            mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            pool.execute(() -> {
                final boolean fails = number.incrementAndGet() % 10 == 0;
                inFlight.decrementAndGet();
                attempt.complete(
                        fails
                                ? ScriptedBackend.failed(
                                        dev.firn.s3tier.store.FailureKind.STORE_ERROR,
                                        Effect.NONE,
                                        AttemptResult.Retry.LATER)
                                : new AttemptResult.RangeRead(8, 8, "\"1\"", WriteStamp.NONE));
            });
        }

        @Override
        public void cancel(final Attempt attempt) {
            // Answers soon in any case.
        }

        @Override
        public String describe() {
            return "pool";
        }

        @Override
        public StoreLimits limits() {
            return limits;
        }

        @Override
        public String addressOf(final String key) {
            return key;
        }

        @Override
        public void close() {
            pool.shutdown();
        }
    }

    @Test
    void shouldAnswerEachCallOnceWhicheverThreadCompletesIt() throws Exception {
        final LeakCheck leaks = LeakCheck.start();
        final OffHeapMemory memory = leaks.memory(4 << 20);
        final PoolBackend backend = new PoolBackend();
        try (ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
                ObjectStore store = SessionStore.over(backend, SystemClock.INSTANCE, SystemRandom.seeded(5))) {
            final List<Future<int[]>> results = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                final long seed = i;
                final Callable<int[]> work = () -> callAndCount(store, memory, seed);
                results.add(threads.submit(work));
            }
            for (final Future<int[]> result : results) {
                final int[] counts = result.get();
                assertThat(counts[0]).as("answers").isEqualTo(CALLS);
                assertThat(counts[1]).as("failures").isZero();
            }
            assertThat(backend.mostInFlight.get()).isLessThanOrEqualTo(8);
            assertThat(store.counters().calls()).isEqualTo((long) SESSIONS * CALLS);
            assertThat(store.counters().attempts() - store.counters().retries()).isEqualTo((long) SESSIONS * CALLS);
        }
        leaks.close();
    }

    private static int[] callAndCount(final ObjectStore store, final OffHeapMemory memory, final long seed) {
        final RandomGenerator random = SystemRandom.seeded(seed);
        final int[] counts = new int[2];
        try (StoreSession session = store.openSession()) {
            int begun = 0;
            while (counts[0] < CALLS) {
                while (begun < CALLS && session.room() > 0 && random.nextInt(8) > 0) {
                    final MemorySegment into = memory.allocate(8, TAG);
                    begun++;
                    final StoreCall call = session.get("a", 0, into, null, CallOptions.DEFAULT, outcome -> {
                        memory.free(into);
                        counts[0]++;
                        counts[1] += outcome instanceof Failed ? 1 : 0;
                    });
                    assertThat(call.isAnswered()).isFalse();
                }
                session.poll(1 + random.nextInt(16));
            }
        }
        return counts;
    }

    @Test
    void shouldAllocateNothingWhenIdle() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (SessionFixture fixture = new SessionFixture()) {
            fixture.session.head("waits", CallOptions.DEFAULT, fixture.keep());
            poll(fixture.session);
            final long before = threads.getCurrentThreadAllocatedBytes();
            poll(fixture.session);
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
        }
    }

    private static void poll(final StoreSession session) {
        for (int i = 0; i < 50_000; i++) {
            session.poll(10);
        }
    }
}
