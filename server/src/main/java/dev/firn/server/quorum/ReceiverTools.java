package dev.firn.server.quorum;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.CommandException;
import dev.firn.server.home.PrivateText;
import dev.firn.walquorum.catalog.BranchCatalog;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.BranchOutcome;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.follow.AttachTools;
import dev.firn.walquorum.pgwire.PgwireConfig;
import dev.firn.walquorum.pgwire.conninfo.ConnEnvironment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import dev.firn.walquorum.pgwire.conninfo.ConnInfoException;
import dev.firn.walquorum.stream.WriterConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * What a receiver works with beside its network: the object store, the primary's address, the log's id. For threads that may block.
 */
final class ReceiverTools implements AutoCloseable {
    static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(60));

    /** What is not committed yet has room here: a second or so of a busy primary. */
    private static final int WINDOW_BYTES = 32 << 20;

    /** In the role's directory: the log's id, drawn before the log is made, so that each try makes the same one. */
    private static final String LOG_ID_FILE = "log.id";

    private static final int HANDLERS_A_POLL = 64;

    private final ReceiverSetup setup;
    private final ObjectStore store;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;

    ReceiverTools(
            final ReceiverSetup setup, final OffHeapMemory memory, final Clock clock, final RandomGenerator random) {
        this.setup = setup;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.store = ObjectStores.open(setup.store(), StoreLimits.DEFAULT, clock, random);
    }

    ObjectStore store() {
        return store;
    }

    PgwireConfig pgwire() {
        return PgwireConfig.of(clock, memory);
    }

    static WriterConfig writer(final NodeNetwork network) {
        return WriterConfig.DEFAULT
                .withWindowBytes(WINDOW_BYTES)
                .withTrailNs(network.isOneHost() ? WriterConfig.ONE_HOST_TRAIL_NS : 0);
    }

    /** @param endpoint borrowed; nobody else uses it meanwhile. */
    AttachTools attach(final Endpoint endpoint, final BooleanSupplier stop) {
        return new AttachTools(
                endpoint, store, pgwire(), writer(setup.network()), memory, OPTIONS, clock, random, stop);
    }

    /** How the primary is reached; empty when nobody says. */
    static Optional<ConnInfo> primary(final Path connInfoFile) {
        final Optional<String> text =
                PrivateText.read(connInfoFile).map(String::strip).filter(line -> !line.isEmpty());
        try {
            return text.map(line -> ConnInfo.parse(line, ConnEnvironment.ofThisProcess()));
        } catch (final ConnInfoException e) {
            throw new CommandException(
                    connInfoFile + " holds a connection string that cannot be used: " + e.getMessage(), e);
        }
    }

    /** The timeline's entry in the catalogue; empty when the name is free, or a branch's without a log. */
    Optional<TimelineEntry> entry() {
        return switch (this.<CatalogOutcome>ask(
                (session, handler) -> new TimelineCatalog(session, memory, OPTIONS).read(setup.timeline(), handler))) {
            case CatalogOutcome.Entry found -> Optional.of(found.entry());
            case CatalogOutcome.Refused refused -> throw new IllegalStateException(refused.sentence());
            default -> Optional.empty();
        };
    }

    /** What makes the timeline a branch; empty when it is none. */
    Optional<BranchEntry> branch() {
        return branch(setup.timeline());
    }

    private Optional<BranchEntry> branch(final String name) {
        return switch (this.<BranchOutcome>ask(
                (session, handler) -> new BranchCatalog(session, memory, OPTIONS).read(name, handler))) {
            case BranchOutcome.Found found -> Optional.of(found.entry());
            case BranchOutcome.None _ -> Optional.empty();
            case BranchOutcome.Refused refused -> throw new IllegalStateException(refused.sentence());
        };
    }

    /** A branch of the timeline, if it has one. */
    Optional<String> child() {
        final List<String> names = switch (this.<CatalogOutcome>ask(
                (session, handler) -> new TimelineCatalog(session, memory, OPTIONS).list(handler))) {
            case CatalogOutcome.Names(final List<String> all) -> all;
            case CatalogOutcome.Refused refused -> throw new IllegalStateException(refused.sentence());
            default -> List.of();
        };
        return names.stream()
                .filter(name -> branch(name)
                        .filter(found -> found.parent().equals(setup.timeline()))
                        .isPresent())
                .findFirst();
    }

    private <T> T ask(final BiConsumer<StoreSession, Consumer<T>> question) {
        final IdleStrategy idle = new BackoffIdleStrategy();
        final AtomicReference<T> answer = new AtomicReference<>();
        try (StoreSession session = store.openSession()) {
            question.accept(session, answer::set);
            while (answer.get() == null) {
                idle.idle(session.poll(HANDLERS_A_POLL));
            }
        }
        return answer.get();
    }

    /** Whether an earlier life has begun to make the timeline, or has made it. */
    static boolean isBegun(final ReceiverSetup setup) {
        return isBegun(setup.directory());
    }

    /** @param directory of the role. */
    static boolean isBegun(final Path directory) {
        return Files.exists(directory.resolve(LOG_ID_FILE));
    }

    /** The log's id: a branch's own, that of a timeline that was there before, or what was drawn for this one. */
    long logId(final Optional<BranchEntry> branch) {
        final Path file = setup.directory().resolve(LOG_ID_FILE);
        final Optional<String> known = PrivateText.read(file);
        if (known.isPresent()) {
            try {
                return HexFormat.fromHexDigitsToLong(known.get().strip());
            } catch (final IllegalArgumentException e) {
                throw new CommandException(
                        file + " is damaged: restore it from a backup of the directory, or detach the timeline", e);
            }
        }
        final long id = branch.map(BranchEntry::timelineId)
                .or(() -> entry().map(TimelineEntry::logId))
                .orElseGet(() -> random.nextLong(1, Long.MAX_VALUE));
        PrivateText.replace(file, HexFormat.of().toHexDigits(id) + "\n");
        return id;
    }

    @Override
    public void close() {
        store.close();
    }
}
