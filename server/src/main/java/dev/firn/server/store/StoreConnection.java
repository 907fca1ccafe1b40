package dev.firn.server.store;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.CommandException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** A store, one session of it, and the wait for its answers. Belongs to one thread. */
public final class StoreConnection implements AutoCloseable {
    /** How long one call may take, retries included: a slow line must get a part through in it. */
    static final CallOptions OPTIONS = CallOptions.within(Duration.ofMinutes(2));

    /** How long giving up may take. */
    static final CallOptions ABORT_OPTIONS = CallOptions.within(Duration.ofSeconds(8));

    private static final int HANDLERS_A_POLL = 64;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = 500_000;

    private final StoreLocation location;
    private final ObjectStore store;
    private final StoreSession session;
    private final BooleanSupplier stop;
    private final IdleStrategy idle = new BackoffIdleStrategy(100, 10, MIN_PARK_NS, MAX_PARK_NS);

    private StoreConnection(final StoreLocation location, final ObjectStore store, final BooleanSupplier stop) {
        this.location = location;
        this.store = store;
        this.session = store.openSession();
        this.stop = stop;
    }

    /** As {@link #open}, for who only reads: a directory that is no store yet stays none. */
    public static StoreConnection openToRead(
            final StoreLocation location, final Clock clock, final BooleanSupplier stop) {
        if (location instanceof DirectoryLocation directory
                && Files.isDirectory(directory.directory())
                && !ObjectStores.isMade(location)) {
            throw new CommandException(directory.directory() + " is no object store: there is no .firn/format in it,"
                    + " nor in a directory above");
        }
        return open(location, clock, stop);
    }

    /**
     * Opens the store. A directory becomes one when it is none yet.
     *
     * @param stop whether the user has asked to stop.
     * @throws CommandException when it cannot be opened.
     */
    public static StoreConnection open(final StoreLocation location, final Clock clock, final BooleanSupplier stop) {
        final ObjectStore store;
        try {
            store = ObjectStores.open(location, StoreLimits.DEFAULT, clock, SystemRandom.secure());
        } catch (final StoreOpeningException e) {
            throw new CommandException("cannot open the store: " + e.getMessage(), e);
        }
        try {
            return new StoreConnection(location, store, stop);
        } catch (final RuntimeException e) {
            store.close();
            throw e;
        }
    }

    public StoreLimits limits() {
        return store.limits();
    }

    StoreSession session() {
        return session;
    }

    public String addressOf(final String key) {
        return store.addressOf(key);
    }

    /** Throws {@link StoppedException} when the user has asked to stop. */
    void requireGoingOn() {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
    }

    /** A turn: answers are handled, and nothing to do is waited out. Returns how much was done. */
    int turn(final int otherWork) {
        final int work = session.poll(HANDLERS_A_POLL) + otherWork;
        idle.idle(work);
        return work;
    }

    /** Begins a call and waits for its answer. */
    <T extends StoreOutcome> T ask(final Consumer<OutcomeHandler<T>> call) {
        final List<T> answers = begin(call);
        while (answers.isEmpty()) {
            requireGoingOn();
            turn(0);
        }
        return answers.getFirst();
    }

    /** As {@link #ask}, also when the user has asked to stop: for giving up what was begun. */
    <T extends StoreOutcome> T askToTheEnd(final Consumer<OutcomeHandler<T>> call) {
        final List<T> answers = begin(call);
        while (answers.isEmpty()) {
            turn(0);
        }
        return answers.getFirst();
    }

    private static <T extends StoreOutcome> List<T> begin(final Consumer<OutcomeHandler<T>> call) {
        final List<T> answers = new ArrayList<>(1);
        call.accept(answers::add);
        return answers;
    }

    /** Handles answers that are there. */
    void poll() {
        session.poll(HANDLERS_A_POLL);
    }

    /** Whether there is no object whose key begins so. */
    public boolean isEmpty(final String prefix) {
        final boolean[] empty = {true};
        list(ListRequest.ofPrefix(prefix), page -> {
            empty[0] = page.objects().isEmpty();
            return empty[0];
        });
        return empty[0];
    }

    /** Removes an object; one that is not there counts as removed. */
    public void delete(final String key) {
        if (this.<DeleteOutcome>askToTheEnd(handler -> session.delete(key, ABORT_OPTIONS, handler))
                instanceof Failed failed) {
            throw StoreSentences.failure("cannot remove " + addressOf(key), failed);
        }
    }

    /** Waits until every call is answered. */
    void drain() {
        while (session.inFlight() > 0) {
            turn(0);
        }
    }

    /** The object, or empty when there is none. */
    public Optional<HeadOutcome.Found> head(final String key) {
        final HeadOutcome outcome = this.<HeadOutcome>ask(handler -> session.head(key, OPTIONS, handler));
        return switch (outcome) {
            case HeadOutcome.Found found -> Optional.of(found);
            case NotFound _ -> Optional.empty();
            case Failed failed -> throw StoreSentences.failure("cannot look at " + addressOf(key), failed);
        };
    }

    /**
     * Lists everything, page by page.
     *
     * @param page called for each page, in order; false ends the list.
     */
    public void list(final ListRequest first, final PageHandler page) {
        ListRequest request = first;
        while (request != null) {
            final ListRequest asked = request;
            final ListOutcome outcome = this.<ListOutcome>ask(handler -> session.list(asked, OPTIONS, handler));
            switch (outcome) {
                case ListOutcome.Listed listed -> {
                    final boolean more = page.onPage(listed) && listed.nextToken() != null;
                    request = more ? asked.from(listed.nextToken()) : null;
                }
                case Failed failed -> throw StoreSentences.failure("cannot list " + location, failed);
            }
        }
    }

    /** Hears the pages of a list. */
    @FunctionalInterface
    public interface PageHandler {
        boolean onPage(ListOutcome.Listed page);
    }

    @Override
    public void close() {
        session.close();
        store.close();
    }
}
