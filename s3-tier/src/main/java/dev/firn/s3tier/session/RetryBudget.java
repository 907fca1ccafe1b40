package dev.firn.s3tier.session;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many retries may still be owed, over all sessions of a store: full at the start, a retry takes one, a first attempt that
 * succeeds pays a tenth back. So a store that fails one request in a hundred has all of them tried again, and one that fails
 * them all gets at most a tenth more load from it. Thread-safe.
 *
 * @see dev.firn.s3tier.store.StoreLimits#retryBudget()
 */
final class RetryBudget {
    private static final int PARTS = 10;

    private final int mostTenths;
    private final AtomicInteger tenths;

    RetryBudget(final int retries) {
        this.mostTenths = Math.multiplyExact(retries, PARTS);
        this.tenths = new AtomicInteger(mostTenths);
    }

    /** Takes one retry; false when there is none left. */
    boolean take() {
        int left = tenths.get();
        while (left >= PARTS) {
            if (tenths.compareAndSet(left, left - PARTS)) {
                return true;
            }
            left = tenths.get();
        }
        return false;
    }

    /** A first attempt has succeeded. */
    void payBack() {
        int left = tenths.get();
        while (left < mostTenths && !tenths.compareAndSet(left, left + 1)) {
            left = tenths.get();
        }
    }

    int left() {
        return tenths.get() / PARTS;
    }
}
