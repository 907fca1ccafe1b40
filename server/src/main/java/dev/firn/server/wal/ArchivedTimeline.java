package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import dev.firn.walquorum.archive.ArchiveContents;
import dev.firn.walquorum.archive.ArchiveListing;
import dev.firn.walquorum.archive.HistoryArchive;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** What the object store holds of a timeline, asked by one thread that waits for each answer. */
public final class ArchivedTimeline implements AutoCloseable {
    /** Of each call. */
    public static final CallOptions OPTIONS = CallOptions.within(Duration.ofMinutes(2));

    private static final int HANDLERS_A_POLL = 64;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = 500_000;

    private final ObjectStore store;
    private final StoreSession session;
    private final OffHeapMemory memory;
    private final TimelineEntry entry;
    private final BooleanSupplier stop;
    private final IdleStrategy idle = new BackoffIdleStrategy(100, 10, MIN_PARK_NS, MAX_PARK_NS);

    private ArchivedTimeline(
            final ObjectStore store,
            final StoreSession session,
            final OffHeapMemory memory,
            final String name,
            final BooleanSupplier stop) {
        this.store = store;
        this.session = session;
        this.memory = memory;
        this.stop = stop;
        final TimelineCatalog catalog = new TimelineCatalog(session, memory, OPTIONS);
        this.entry = switch (this.<CatalogOutcome>ask(handler -> catalog.read(name, handler))) {
            case CatalogOutcome.Entry found -> found.entry();
            case CatalogOutcome.Refused refused -> throw new CommandException(refused.sentence());
            default ->
                throw new CommandException(
                        "there is no timeline " + name + ": ./firn status lists them, ./firn attach makes one");
        };
    }

    /**
     * Opens the store, and reads the timeline's entry.
     *
     * @param memory borrowed until the close.
     * @param stop whether the user has asked to stop.
     */
    public static ArchivedTimeline open(
            final StoreLocation location,
            final String name,
            final OffHeapMemory memory,
            final Clock clock,
            final BooleanSupplier stop) {
        final ObjectStore store;
        try {
            store = ObjectStores.open(location, StoreLimits.DEFAULT, clock, SystemRandom.secure());
        } catch (final StoreOpeningException e) {
            throw new CommandException("cannot open the store: " + e.getMessage(), e);
        }
        final StoreSession session = store.openSession();
        try {
            return new ArchivedTimeline(store, session, memory, name, stop);
        } catch (final RuntimeException e) {
            session.close();
            store.close();
            throw e;
        }
    }

    public TimelineEntry entry() {
        return entry;
    }

    public StoreSession session() {
        return session;
    }

    /** A turn: answers are handled, and nothing to do is waited out. */
    public void turn(final int otherWork) {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
        idle.idle(session.poll(HANDLERS_A_POLL) + otherWork);
    }

    /** Begins a question and waits for its answer. */
    public <T> T ask(final Consumer<Consumer<T>> question) {
        final AtomicReference<T> answer = new AtomicReference<>();
        question.accept(answer::set);
        while (answer.get() == null) {
            turn(0);
        }
        return answer.get();
    }

    /** What the archive holds. */
    ArchiveContents contents() {
        return switch (this.<ArchiveListing.Outcome>ask(
                handler -> ArchiveListing.begin(session, entry.keys(), entry.walSegmentBytes(), OPTIONS, handler))) {
            case ArchiveListing.Outcome.Listed listed -> listed.contents();
            case ArchiveListing.Outcome.Unavailable unavailable -> throw new CommandException(unavailable.sentence());
            case ArchiveListing.Outcome.Wrong wrong -> throw new CommandException(wrong.sentence());
        };
    }

    /** The history of one of Postgres' timelines. */
    HistoryFile history(final int postgresTimeline) {
        final HistoryArchive histories = new HistoryArchive(session, entry.keys(), memory, OPTIONS);
        return switch (this.<HistoryArchive.Outcome>ask(handler -> histories.get(postgresTimeline, handler))) {
            case HistoryArchive.Outcome.Found found -> found.file();
            case HistoryArchive.Outcome.None _ ->
                throw new CommandException("the history of Postgres' timeline " + postgresTimeline
                        + " was deleted while it was read: try again");
            case HistoryArchive.Outcome.Unavailable unavailable -> throw new CommandException(unavailable.sentence());
            case HistoryArchive.Outcome.Wrong wrong -> throw new CommandException(wrong.sentence());
        };
    }

    /** Which of Postgres' timelines the log has seen; empty histories mean that it has seen no promotion. */
    PostgresTimelines timelines(final Optional<HistoryFile> newest) {
        return newest.map(PostgresTimelines::of).orElseGet(() -> PostgresTimelines.of(entry.postgresTimeline()));
    }

    @Override
    public void close() {
        session.close();
        store.close();
    }
}
