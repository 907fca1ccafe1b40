package dev.firn.server.command;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.CommandException;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.up.ReaderSeat;
import dev.firn.server.up.StopSignal;
import dev.firn.server.wal.ArchivedChain;
import dev.firn.server.wal.RecordEnds;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn branch create}. */
@Command(
        name = "create",
        description = {
            "Makes a branch of a timeline at an LSN or a time. No data are moved: until something is written to it, all of it is its"
                    + " parent's.",
            "With --json: name, parent, branchLsn, seconds, servedSeconds (from the wish to make it to the first read of it)."
        })
final class BranchCreateCommand implements Callable<Integer> {
    /** A page server that is asked for a branch that it does not know looks at once whether there is one. */
    private static final Duration POLL = Duration.ofMillis(1);

    /** It may be starting again. */
    private static final Duration SERVED_LIMIT = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Parameters(index = "0", paramLabel = "NAME", description = "What the branch is called.")
    private String name;

    @Option(
            names = "--from",
            paramLabel = "NAME",
            defaultValue = AttachCommand.DEFAULT_NAME,
            description = "The timeline that it leaves (default: ${DEFAULT-VALUE}).")
    private String parent;

    @Option(
            names = "--at",
            paramLabel = "LSN|TIME",
            description =
                    "Where it leaves it: behind the last record that ends at or before an LSN, or the last commit at or before a time"
                            + " (default: the newest that is ingested).")
    private String at;

    @Override
    public Integer call() {
        parent = TimelineName.resolve(directory.path, parent);
        if (!TimelineKeys.isName(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    name + " is no name of a branch: lower case letters, digits, hyphens and underscores, 63 at most");
        }
        final PointInTime point = PointInTime.parse(spec, at);
        final long beganNs = SystemClock.INSTANCE.nanoTime();
        return StoreTask.stoppable(spec, "the branch", signal -> {
            try (BranchTask task = new BranchTask(directory.path, signal);
                    ReaderSeat seat = BranchTask.seat(directory.path)) {
                if (task.names().contains(name)) {
                    throw new CommandException("there is a timeline " + name + " already: choose another name");
                }
                final PageConnection connection = BranchTask.connect(spec, seat, signal);
                final TimelineFacts from = connection.timeline(parent);
                final long wanted = point.lsn(connection, from);
                requireReadable(from, wanted);
                final boolean isSegmentEnd = wanted % from.walSegmentBytes() == 0;
                final long lsn = point.isLsn() || isSegmentEnd ? recordEnd(seat, wanted, signal) : wanted;
                final BranchEntry entry = new BranchEntry(
                        name,
                        SystemRandom.secure().nextLong(1, Long.MAX_VALUE),
                        writer(connection, from, lsn),
                        lsn,
                        Instant.ofEpochSecond(TimeUnit.NANOSECONDS.toSeconds(SystemClock.INSTANCE.epochNs())));
                final long wishedNs = SystemClock.INSTANCE.nanoTime();
                task.create(entry);
                awaitServed(connection, signal);
                final long servedNs = SystemClock.INSTANCE.nanoTime();
                announce(entry, servedNs - beganNs, servedNs - wishedNs);
                return ExitCode.OK;
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.SOFTWARE;
            }
        });
    }

    private static void requireReadable(final TimelineFacts from, final long lsn) {
        if (lsn < from.historyLsn()) {
            throw new CommandException("the history of " + from.name() + " begins at " + Lsn.format(from.historyLsn())
                    + ", after " + Lsn.format(lsn));
        }
        if (lsn > from.appliedLsn()) {
            throw new CommandException(from.name() + " is ingested up to " + Lsn.format(from.appliedLsn())
                    + ", and ends before " + Lsn.format(lsn));
        }
    }

    /** A Postgres that goes on from there goes on behind a record. */
    private long recordEnd(final ReaderSeat seat, final long lsn, final StopSignal signal) {
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("record-ends", FetchSource.MEMORY_BYTES));
                ArchivedChain chain = ArchivedChain.open(
                        FetchSource.storeOf(directory.path),
                        parent,
                        memory,
                        SystemClock.INSTANCE,
                        signal::isRequested)) {
            return new RecordEnds(
                            chain,
                            new ArchivedChain.Tools(
                                    Optional.of(seat.quorum()), memory, SystemClock.INSTANCE, SystemRandom.secure()))
                    .atOrBefore(lsn);
        }
    }

    /** The timeline that was written at an LSN: what a branch shares with its parent is the parent's, and is branched off there. */
    private static String writer(final PageConnection connection, final TimelineFacts from, final long lsn) {
        TimelineFacts at = from;
        while (!at.parent().isEmpty() && lsn < at.branchLsn()) {
            at = connection.timeline(at.parent());
        }
        return at.name();
    }

    private void awaitServed(final PageConnection connection, final StopSignal signal) throws InterruptedException {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + SERVED_LIMIT.toNanos();
        while (!connection.serves(name)) {
            if (SystemClock.INSTANCE.nanoTime() - deadlineNs > 0) {
                throw new CommandException("the branch " + name + " is made, and the page server does not serve it yet:"
                        + " ./firn status shows why");
            }
            if (signal.await(POLL)) {
                return;
            }
        }
        // And what it is made of can be read: the first of its values that are no pages.
        final TimelineFacts served = connection.timeline(name);
        if (!connection.files(served, served.branchLsn(), 0, 0, 0).next()) {
            throw new CommandException(
                    "the branch " + name + " is served, and has nothing in it: the page server's log" + " says more");
        }
    }

    private void announce(final BranchEntry entry, final long durationNs, final long servedNs) {
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            final Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", entry.name());
            document.put("parent", entry.parent());
            document.put("branchLsn", Lsn.format(entry.branchLsn()));
            document.put("seconds", durationNs / (double) TimeUnit.SECONDS.toNanos(1));
            document.put("servedSeconds", servedNs / (double) TimeUnit.SECONDS.toNanos(1));
            out.println(Json.pretty(document));
        } else {
            out.println(
                    entry.name() + " is a branch of " + entry.parent() + " at " + Lsn.format(entry.branchLsn()) + ".");
        }
        out.flush();
    }
}
