package dev.firn.s3tier.contract;

import dev.firn.s3tier.store.StoreSession;

/**
 * One of several clients that race: a program of calls and handlers that never waits, so that it runs on a thread of its own
 * as well as in turn with the others.
 */
public interface RaceClient {
    /** Begins its first calls; its handlers begin the others. */
    void begin(StoreSession session);

    /** Whether all of its calls are answered and it will begin no more. */
    boolean isDone();
}
