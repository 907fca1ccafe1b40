package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.CommandException;
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
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What the object store holds of a timeline, asked by one thread that waits for each answer. */
public final class ArchivedTimeline implements AutoCloseable {
    /** Of each call. */
    public static final CallOptions OPTIONS = CallOptions.within(Duration.ofMinutes(2));

    private final ArchiveCalls calls;
    private final OffHeapMemory memory;
    private final TimelineEntry entry;

    /** @param calls of a chain, which closes it. */
    ArchivedTimeline(final ArchiveCalls calls, final OffHeapMemory memory, final TimelineEntry entry) {
        this.calls = calls;
        this.memory = memory;
        this.entry = entry;
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
        final ArchiveCalls calls = ArchiveCalls.open(location, clock, stop);
        try {
            return new ArchivedTimeline(
                    calls,
                    memory,
                    find(calls, name, memory)
                            .orElseThrow(() -> new CommandException("there is no timeline " + name
                                    + ": ./firn status lists them, ./firn attach makes one")));
        } catch (final RuntimeException e) {
            calls.close();
            throw e;
        }
    }

    /** The entry of a timeline that has a log; empty when there is none of that name. */
    static Optional<TimelineEntry> find(final ArchiveCalls calls, final String name, final OffHeapMemory memory) {
        final TimelineCatalog catalog = new TimelineCatalog(calls.session(), memory, OPTIONS);
        return switch (calls.<CatalogOutcome>ask(handler -> catalog.read(name, handler))) {
            case CatalogOutcome.Entry found -> Optional.of(found.entry());
            case CatalogOutcome.Refused refused -> throw new CommandException(refused.sentence());
            default -> Optional.empty();
        };
    }

    public TimelineEntry entry() {
        return entry;
    }

    public StoreSession session() {
        return calls.session();
    }

    /** A turn: answers are handled, and nothing to do is waited out. */
    public void turn(final int otherWork) {
        calls.turn(otherWork);
    }

    /** Begins a question and waits for its answer. */
    public <T> T ask(final Consumer<Consumer<T>> question) {
        return calls.ask(question);
    }

    /** What the archive holds. */
    ArchiveContents contents() {
        return switch (this.<ArchiveListing.Outcome>ask(
                handler -> ArchiveListing.begin(session(), entry.keys(), entry.walSegmentBytes(), OPTIONS, handler))) {
            case ArchiveListing.Outcome.Listed listed -> listed.contents();
            case ArchiveListing.Outcome.Unavailable unavailable -> throw new CommandException(unavailable.sentence());
            case ArchiveListing.Outcome.Wrong wrong -> throw new CommandException(wrong.sentence());
        };
    }

    /** The history of one of Postgres' timelines. */
    HistoryFile history(final int postgresTimeline) {
        final HistoryArchive histories = new HistoryArchive(session(), entry.keys(), memory, OPTIONS);
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
        calls.close();
    }
}
