package dev.firn.walquorum.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/** Runs a range of seeds on several threads, and sums up. A seed runs on one of them from begin to end. */
public final class QuorumSeeds {
    /** Enough to see whether it is one bug or many. */
    private static final int MAX_FAILURES = 20;

    private final LongFunction<SeedResult> oneSeed;
    private final AtomicLong next;
    private final long end;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong crashes = new AtomicLong();
    private final AtomicLong disksLost = new AtomicLong();
    private final ConcurrentSkipListMap<Long, Throwable> failures = new ConcurrentSkipListMap<>();

    /**
     * @param first the first seed.
     * @param end the first that is not run.
     */
    public QuorumSeeds(final long first, final long end, final LongFunction<SeedResult> oneSeed) {
        this.next = new AtomicLong(first);
        this.end = end;
        this.oneSeed = oneSeed;
    }

    /**
     * Returns when all seeds are run, when there are too many failures, or when it is told to stop.
     *
     * @param progress hears now and then, from any thread, how many are done.
     */
    public void run(final int threads, final BooleanSupplier isStopped, final LongConsumer progress)
            throws InterruptedException {
        final List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            final Thread thread = new Thread(() -> runSome(isStopped, progress), "seeds-" + i);
            thread.setDaemon(true);
            thread.start();
            running.add(thread);
        }
        for (final Thread thread : running) {
            thread.join();
        }
    }

    private void runSome(final BooleanSupplier isStopped, final LongConsumer progress) {
        while (!isStopped.getAsBoolean() && failures.size() < MAX_FAILURES) {
            final long seed = next.getAndIncrement();
            if (seed >= end) {
                return;
            }
            try {
                final SeedResult result = oneSeed.apply(seed);
                commits.addAndGet(result.commits());
                crashes.addAndGet(result.crashes());
                disksLost.addAndGet(result.disksLost());
                if (!result.isClean()) {
                    failures.put(seed, result.violation());
                }
            } catch (final RuntimeException | Error e) {
                failures.put(seed, e);
            }
            progress.accept(done.incrementAndGet());
        }
    }

    public long done() {
        return done.get();
    }

    public long commits() {
        return commits.get();
    }

    public long crashes() {
        return crashes.get();
    }

    public long disksLost() {
        return disksLost.get();
    }

    /** What failed, by seed; at most about {@value #MAX_FAILURES}. */
    public ConcurrentSkipListMap<Long, Throwable> failures() {
        return failures;
    }
}
