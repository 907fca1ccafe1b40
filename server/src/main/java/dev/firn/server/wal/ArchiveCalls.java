package dev.firn.server.wal;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** A session of the object store, by one thread that waits for each answer. */
final class ArchiveCalls implements AutoCloseable {
    private static final int HANDLERS_A_POLL = 64;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = 500_000;

    private final ObjectStore store;
    private final StoreSession session;
    private final BooleanSupplier stop;
    private final IdleStrategy idle = new BackoffIdleStrategy(100, 10, MIN_PARK_NS, MAX_PARK_NS);

    private ArchiveCalls(final ObjectStore store, final BooleanSupplier stop) {
        this.store = store;
        this.session = store.openSession();
        this.stop = stop;
    }

    /** @param stop whether the user has asked to stop. */
    static ArchiveCalls open(final StoreLocation location, final Clock clock, final BooleanSupplier stop) {
        try {
            return new ArchiveCalls(
                    ObjectStores.open(location, StoreLimits.DEFAULT, clock, SystemRandom.secure()), stop);
        } catch (final StoreOpeningException e) {
            throw new CommandException("cannot open the store: " + e.getMessage(), e);
        }
    }

    StoreSession session() {
        return session;
    }

    /** A turn: answers are handled, and nothing to do is waited out. */
    void turn(final int otherWork) {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
        idle.idle(session.poll(HANDLERS_A_POLL) + otherWork);
    }

    /** Begins a question and waits for its answer. */
    <T> T ask(final Consumer<Consumer<T>> question) {
        final AtomicReference<T> answer = new AtomicReference<>();
        question.accept(answer::set);
        while (answer.get() == null) {
            turn(0);
        }
        return answer.get();
    }

    @Override
    public void close() {
        session.close();
        store.close();
    }
}
