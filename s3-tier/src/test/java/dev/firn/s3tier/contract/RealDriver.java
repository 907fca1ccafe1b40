package dev.firn.s3tier.contract;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** For stores in the real world: polls, and parks for a moment when there was nothing to do. Clients race on threads. */
public final class RealDriver implements StoreDriver {
    private static final int HANDLERS_A_POLL = 64;
    private static final long PARK_NS = 50_000;

    @Override
    public boolean until(final StoreSession session, final BooleanSupplier condition, final Duration limit) {
        final long endNs = SystemClock.INSTANCE.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (session.poll(HANDLERS_A_POLL) == 0) {
                if (SystemClock.INSTANCE.nanoTime() - endNs > 0) {
                    return condition.getAsBoolean();
                }
                LockSupport.parkNanos(PARK_NS);
            }
        }
        return true;
    }

    @Override
    public void race(final ObjectStore store, final List<? extends RaceClient> clients, final Duration limit) {
        final CyclicBarrier start = new CyclicBarrier(clients.size());
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final List<Thread> threads = new ArrayList<>();
        for (final RaceClient client : clients) {
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                try {
                    run(store, client, start, limit);
                } catch (final Throwable thrown) {
                    failure.compareAndSet(null, thrown);
                }
            }));
        }
        for (final Thread thread : threads) {
            join(thread);
        }
        if (failure.get() != null) {
            throw new AssertionError("a client of a race failed", failure.get());
        }
    }

    private void run(final ObjectStore store, final RaceClient client, final CyclicBarrier start, final Duration limit)
            throws InterruptedException, BrokenBarrierException, TimeoutException {
        try (StoreSession session = store.openSession()) {
            start.await(limit.toSeconds(), TimeUnit.SECONDS);
            client.begin(session);
            if (!until(session, client::isDone, limit)) {
                throw new AssertionError(client + " is not done after " + limit);
            }
        }
    }

    private static void join(final Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
