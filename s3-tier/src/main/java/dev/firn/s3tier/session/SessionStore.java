package dev.firn.s3tier.session;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreCounters;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * The object store over any {@link StoreBackend}: all kinds of store have their deadlines, retries, limits and
 * certainty about writes from here.
 *
 * <p><b>Retries.</b> A request is tried again when its failure says that it could succeed later, after a pause
 * ({@link Backoff}), at most {@link StoreLimits#maxAttempts()} times, as long as the store's {@link RetryBudget} has
 * something left and the pause ends before the call's deadline; otherwise the call is answered at once with the
 * failure.
 *
 * <p><b>Circuit.</b> While it is open, calls fail at once with {@link dev.firn.s3tier.store.FailureKind#CIRCUIT_OPEN},
 * those that wait for another attempt as well. To wait instead would fill the queues with work that nobody can do, hold
 * its buffers until the deadline, and let it loose all at once on a store that has just come back; whoever is told at
 * once can read elsewhere, or slow down what feeds it. One kind of request waits: those that find out whether a write
 * took effect, because a certain answer is worth more than a quick one.
 *
 * <p><b>Limits</b> of requests and bytes hold over all sessions, which share them fairly ({@link Governor}).
 *
 * <p>Thread-safe; each session belongs to the thread that opened it. Needs no thread of its own: everything happens in
 * the sessions' polls.
 */
public final class SessionStore implements ObjectStore {
    private final StoreBackend backend;
    private final Clock clock;
    private final StoreLimits limits;
    private final StoreCounters counters = new StoreCounters();
    private final Randomness randomness;
    private final Backoff backoff;
    private final RetryBudget budget;
    private final Circuit circuit;
    private final Governor governor;
    private final RangeMemory rangeMemory = new RangeMemory();
    private final AtomicInteger openSessions = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    private SessionStore(final StoreBackend backend, final Clock clock, final RandomGenerator random) {
        this.backend = backend;
        this.clock = clock;
        this.limits = backend.limits();
        this.randomness = new Randomness(random);
        this.backoff = new Backoff(limits, randomness);
        this.budget = new RetryBudget(limits.retryBudget());
        this.circuit = new Circuit(limits.circuitFailures(), limits.circuitOpenNs(), counters);
        this.governor = new Governor(limits);
    }

    /**
     * @param backend closed with the store.
     * @param random names writes and draws pauses. It is locked for each draw, so it need not be thread-safe. The names
     *     must differ from those of every other writer of the same objects: in production take
     *     {@link dev.firn.nativeio.seam.SystemRandom#secure()}.
     */
    public static ObjectStore over(final StoreBackend backend, final Clock clock, final RandomGenerator random) {
        return new SessionStore(backend, clock, random);
    }

    @Override
    public String describe() {
        return backend.describe();
    }

    @Override
    public StoreLimits limits() {
        return limits;
    }

    @Override
    public StoreCounters counters() {
        return counters;
    }

    @Override
    public String addressOf(final String key) {
        return backend.addressOf(key);
    }

    @Override
    public StoreSession openSession() {
        if (closed.get()) {
            throw new IllegalStateException("the object store is closed: " + describe());
        }
        openSessions.incrementAndGet();
        return new Session(this);
    }

    @Override
    public void close() {
        if (openSessions.get() != 0) {
            throw new IllegalStateException(
                    openSessions.get() + " sessions are still open of the object store " + describe());
        }
        if (closed.compareAndSet(false, true)) {
            try (rangeMemory) {
                backend.close();
            }
        }
    }

    void sessionClosed() {
        openSessions.decrementAndGet();
    }

    StoreBackend backend() {
        return backend;
    }

    Clock clock() {
        return clock;
    }

    Randomness randomness() {
        return randomness;
    }

    Backoff backoff() {
        return backoff;
    }

    RetryBudget budget() {
        return budget;
    }

    Circuit circuit() {
        return circuit;
    }

    Governor governor() {
        return governor;
    }

    RangeMemory rangeMemory() {
        return rangeMemory;
    }
}
