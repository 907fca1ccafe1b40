package dev.firn.s3tier.backend;

import dev.firn.s3tier.store.StoreLimits;

/**
 * One kind of store, seen from below: it makes single attempts and tells plainly what became of each. Waiting, trying again,
 * deadlines and finding out whose write won stand above it, once for all kinds.
 *
 * <p><b>Each attempt is completed exactly once</b>, by {@link Attempt#complete}, from any thread, perhaps before
 * {@link #begin} returns. Afterwards the backend touches none of its buffers. {@link #begin} and {@link #cancel} neither block
 * nor throw: what goes wrong is the attempt's result.
 */
public interface StoreBackend extends AutoCloseable {
    /** One line: kind, place, how it speaks. Names no secret. */
    String describe();

    /** The limits as far as this kind of store sets them: those asked for, with its own part and batch lengths. */
    StoreLimits limits();

    /** See {@link dev.firn.s3tier.store.ObjectStore#addressOf}. */
    String addressOf(String key);

    /** Begins an attempt. */
    void begin(Attempt attempt);

    /**
     * Asks an attempt to end soon. It is completed all the same: with its true result when that came first. Without effect on
     * one that is completed.
     */
    void cancel(Attempt attempt);

    /**
     * Gives a backend without threads of its own (the simulated store) a turn on the session's thread; returns how much it
     * did.
     */
    default int doWork() {
        return 0;
    }

    /** Cancels what is on its way, waits for it, and gives everything back. */
    @Override
    void close();
}
