package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreOpeningException;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.store.StoppedException;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.up.ReaderSeat;
import dev.firn.server.up.StopSignal;
import dev.firn.walquorum.catalog.BranchCatalog;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.BranchOutcome;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import picocli.CommandLine.Model.CommandSpec;

/** What the commands of branches share: the object store that holds them, and the page server that serves them. */
final class BranchTask implements AutoCloseable {
    private static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(60));
    private static final long MEMORY_BYTES = 16L << 20;
    private static final int HANDLERS_A_POLL = 64;

    private final StopSignal signal;
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("branch", MEMORY_BYTES));
    private final ObjectStore store;
    private final StoreSession session;
    private final TimelineCatalog timelines;
    private final BranchCatalog branches;
    private final IdleStrategy idle = new BackoffIdleStrategy();

    BranchTask(final Path directory, final StopSignal signal) {
        UpRecord.require(directory);
        this.signal = signal;
        try {
            this.store = ObjectStores.open(
                    FetchSource.storeOf(directory), StoreLimits.DEFAULT, SystemClock.INSTANCE, SystemRandom.secure());
        } catch (final StoreOpeningException e) {
            memory.close();
            throw new CommandException("cannot open the store: " + e.getMessage(), e);
        }
        this.session = store.openSession();
        this.timelines = new TimelineCatalog(session, memory, OPTIONS);
        this.branches = new BranchCatalog(session, memory, OPTIONS);
    }

    /** Connects to the page server of the system that is up. */
    static PageConnection connect(final CommandSpec spec, final ReaderSeat seat, final StopSignal signal) {
        return new PageConnection(
                seat.endpoint(),
                QuorumLayout.PAGE_SERVER,
                SystemClock.INSTANCE,
                SystemRandom.secure(),
                signal::isRequested,
                StoreTask.sayingOnce(spec));
    }

    static ReaderSeat seat(final Path directory) {
        return ReaderSeat.take(directory, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure());
    }

    /** The branch of a name, if it is one. */
    Optional<BranchEntry> branch(final String name) {
        return switch (this.<BranchOutcome>ask(handler -> branches.read(name, handler))) {
            case BranchOutcome.Found found -> Optional.of(found.entry());
            case BranchOutcome.None _ -> Optional.empty();
            case BranchOutcome.Refused refused -> throw new CommandException(refused.sentence());
        };
    }

    /** All branches, by name. */
    List<BranchEntry> all() {
        final List<BranchEntry> all = new ArrayList<>();
        for (final String name : names()) {
            branch(name).ifPresent(all::add);
        }
        return all;
    }

    /** What is deleted has no branches of its own. */
    void requireNoBranchesOf(final String name) {
        all().stream()
                .filter(branch -> branch.parent().equals(name))
                .findFirst()
                .ifPresent(child -> {
                    throw new CommandException(
                            "the branch " + child.name() + " is one of " + name + ": delete it first");
                });
    }

    /** Whether somebody was attached to a branch, so that there is a log of it. */
    boolean hasLog(final String name) {
        return switch (this.<CatalogOutcome>ask(handler -> timelines.read(name, handler))) {
            case CatalogOutcome.Entry _ -> true;
            case CatalogOutcome.Refused refused -> throw new CommandException(refused.sentence());
            default -> false;
        };
    }

    /** All names that are taken. */
    List<String> names() {
        return switch (this.<CatalogOutcome>ask(timelines::list)) {
            case CatalogOutcome.Names names -> names.names();
            case CatalogOutcome.Refused refused -> throw new CommandException(refused.sentence());
            default -> throw new IllegalStateException("the catalogue has answered what was not asked");
        };
    }

    void create(final BranchEntry entry) {
        if (this.<BranchOutcome>ask(handler -> branches.create(entry, handler))
                instanceof final BranchOutcome.Refused refused) {
            throw new CommandException(refused.sentence());
        }
    }

    /** Deletes a branch with all that it has. */
    void delete(final String name) {
        if (this.<CatalogOutcome>ask(handler -> timelines.delete(name, handler))
                instanceof final CatalogOutcome.Refused refused) {
            throw new CommandException(refused.sentence());
        }
    }

    private <T> T ask(final Consumer<Consumer<T>> question) {
        final AtomicReference<T> answer = new AtomicReference<>();
        question.accept(answer::set);
        while (answer.get() == null) {
            if (signal.isRequested()) {
                throw new StoppedException();
            }
            idle.idle(session.poll(HANDLERS_A_POLL));
        }
        return answer.get();
    }

    @Override
    public void close() {
        session.close();
        store.close();
        memory.close();
    }
}
