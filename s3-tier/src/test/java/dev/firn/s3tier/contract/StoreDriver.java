package dev.firn.s3tier.contract;

import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** How time passes for a store under test. */
public interface StoreDriver {
    /** Polls the session until the condition holds, at most for this long. Returns whether it holds. */
    boolean until(StoreSession session, BooleanSupplier condition, Duration limit);

    /**
     * Runs the clients side by side, each with a session of its own that it opens and closes, until all are done.
     *
     * @throws AssertionError when they are not within this time.
     */
    void race(ObjectStore store, List<? extends RaceClient> clients, Duration limit);
}
