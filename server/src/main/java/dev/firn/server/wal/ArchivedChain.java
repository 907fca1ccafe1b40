package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.CommandException;
import dev.firn.walquorum.catalog.BranchCatalog;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.BranchOutcome;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * A timeline's whole WAL: its own log from where that begins, before that what it shares with its parent, and so on up to the timeline
 * that has the base backup. For one thread, which waits for each answer.
 *
 * <p>A branch's log begins with the segment in which it left its parent, and repeats the parent's bytes up to there; so each log begins
 * with a whole segment, and what is before is another's. A branch that nobody was attached to has no log.
 */
public final class ArchivedChain implements AutoCloseable {
    /** Branches of branches, one below the other: far more than anyone makes, and the end of a catalogue that is damaged. */
    private static final int MAX_LINKS = 10_000;

    private final ArchiveCalls calls;
    private final OffHeapMemory memory;

    /** From the root to the timeline itself. */
    private final List<Link> links = new ArrayList<>();

    /**
     * One of the timelines.
     *
     * @param branch null for the root.
     * @param log null for a branch without one.
     */
    private record Link(BranchEntry branch, ArchivedTimeline log) {}

    /** A stretch of one of the logs. */
    private record Part(ArchivedTimeline log, long fromLsn, long toLsn) {}

    /** What WAL is read with: all of it borrowed. */
    public record Tools(Optional<WalFetch.Quorum> quorum, OffHeapMemory memory, Clock clock, RandomGenerator random) {}

    private ArchivedChain(final ArchiveCalls calls, final OffHeapMemory memory) {
        this.calls = calls;
        this.memory = memory;
    }

    /**
     * Opens the store, and reads the entries.
     *
     * @param memory borrowed until the close.
     * @param stop whether the user has asked to stop.
     */
    public static ArchivedChain open(
            final StoreLocation location,
            final String name,
            final OffHeapMemory memory,
            final Clock clock,
            final BooleanSupplier stop) {
        final ArchivedChain chain = new ArchivedChain(ArchiveCalls.open(location, clock, stop), memory);
        boolean done = false;
        try {
            chain.find(name);
            done = true;
            return chain;
        } finally {
            if (!done) {
                chain.close();
            }
        }
    }

    private void find(final String name) {
        final BranchCatalog branches = new BranchCatalog(calls.session(), memory, ArchivedTimeline.OPTIONS);
        String next = name;
        while (next != null) {
            final String its = next;
            final BranchEntry branch = switch (calls.<BranchOutcome>ask(handler -> branches.read(its, handler))) {
                case BranchOutcome.Found found -> found.entry();
                case BranchOutcome.None _ -> null;
                case BranchOutcome.Refused refused -> throw new CommandException(refused.sentence());
            };
            final Optional<TimelineEntry> entry = ArchivedTimeline.find(calls, its, memory);
            if (branch == null && entry.isEmpty()) {
                throw new CommandException(
                        "there is no timeline " + its + ": ./firn status lists them, ./firn attach makes one");
            }
            links.addFirst(new Link(
                    branch,
                    entry.map(found -> new ArchivedTimeline(calls, memory, found))
                            .orElse(null)));
            if (links.size() > MAX_LINKS) {
                throw new CommandException(
                        "the branches above " + name + " go round in a circle: the catalogue is damaged");
            }
            next = branch == null ? null : branch.parent();
        }
    }

    /** The timeline that has the base backup. */
    public ArchivedTimeline root() {
        return links.getFirst().log();
    }

    /** What the timeline is as a branch; empty for one that was attached by base backup. */
    public Optional<BranchEntry> branch() {
        return Optional.ofNullable(links.getLast().branch());
    }

    /** Its own log; empty for a branch that nobody was attached to. */
    public Optional<TimelineEntry> log() {
        return Optional.ofNullable(links.getLast().log()).map(ArchivedTimeline::entry);
    }

    /** The timelines that it is a branch of, at however many removes. */
    public List<String> ancestors() {
        return links.stream()
                .limit(links.size() - 1L)
                .map(link -> link.branch() == null
                        ? link.log().entry().name()
                        : link.branch().name())
                .toList();
    }

    public PostgresVersion version() {
        return PostgresVersion.ofMajor(root().entry().postgresMajor());
    }

    public int segmentBytes() {
        return root().entry().walSegmentBytes();
    }

    /** Postgres' own timeline of the byte at a position. */
    public int postgresTimelineAt(final long lsn) {
        final ArchivedTimeline log = part(lsn).log();
        final List<Integer> histories = log.contents().histories();
        return log.timelines(histories.isEmpty() ? Optional.empty() : Optional.of(log.history(histories.getLast())))
                .timelineAt(lsn);
    }

    private Part part(final long lsn) {
        return parts(lsn, lsn + 1).getFirst();
    }

    /** Where the first byte of all is. */
    public long startLsn() {
        return root().entry().startLsn();
    }

    /**
     * Which logs have a range, in order.
     *
     * @param toLsn 0 for as far as it goes.
     */
    private List<Part> parts(final long fromLsn, final long toLsn) {
        final List<Part> parts = new ArrayList<>();
        long endLsn = toLsn;
        for (int i = links.size() - 1; i >= 0 && (endLsn == 0 || endLsn > fromLsn); i--) {
            final Link link = links.get(i);
            if (link.log() != null && (endLsn == 0 || link.log().entry().startLsn() < endLsn)) {
                final long beginLsn = Math.max(fromLsn, link.log().entry().startLsn());
                parts.addFirst(new Part(link.log(), beginLsn, endLsn));
                endLsn = beginLsn;
            }
            final boolean isAllShared = link.branch() != null && link.log() == null;
            if (isAllShared && (endLsn == 0 || endLsn > link.branch().branchLsn())) {
                if (toLsn != 0) {
                    throw new CommandException(
                            "the branch " + link.branch().name() + " has no WAL of its own, and ends at "
                                    + Lsn.format(link.branch().branchLsn()) + ", before " + Lsn.format(toLsn));
                }
                endLsn = link.branch().branchLsn();
            }
        }
        if (parts.isEmpty() || parts.getFirst().fromLsn() > fromLsn) {
            throw new CommandException("the timeline " + root().entry().name() + " begins at " + Lsn.format(startLsn())
                    + ", after " + Lsn.format(fromLsn));
        }
        return parts;
    }

    /**
     * Writes the WAL of a range as stock segments, from the beginning of its first segment on, and the histories of all of Postgres'
     * timelines.
     *
     * @return how many bytes of WAL it were.
     */
    public long fetch(final Tools tools, final long fromLsn, final long toLsn, final Path folder) {
        final LongConsumer progress = bytes -> {};
        for (final Link link : links) {
            if (link.log() != null) {
                fetch(link.log(), tools, progress).writeHistories(folder);
            }
        }
        long bytes = 0;
        for (final Part part : parts(fromLsn, toLsn)) {
            bytes += fetch(part.log(), tools, progress)
                    .run(tools.quorum(), part.fromLsn(), part.toLsn(), folder)
                    .bytes();
        }
        return bytes;
    }

    /**
     * Hands over the WAL from where a sink begins.
     *
     * @param toLsn 0 for all that is committed now.
     */
    void read(final Tools tools, final WalSink sink, final long toLsn) {
        for (final Part part : parts(sink.positionLsn(), toLsn)) {
            if (!sink.isDone()) {
                fetch(part.log(), tools, bytes -> {}).read(tools.quorum(), sink, part.toLsn());
            }
        }
    }

    /** The bytes of a range. */
    public byte[] read(final Tools tools, final long fromLsn, final long toLsn) {
        final ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(toLsn - fromLsn));
        read(
                tools,
                new WalSink() {
                    @Override
                    public long positionLsn() {
                        return fromLsn + bytes.position();
                    }

                    @Override
                    public void write(final ByteBuffer source) {
                        bytes.put(source);
                    }
                },
                toLsn);
        return bytes.array();
    }

    private static WalFetch fetch(final ArchivedTimeline log, final Tools tools, final LongConsumer progress) {
        return new WalFetch(log, tools.memory(), tools.clock(), tools.random(), progress);
    }

    @Override
    public void close() {
        calls.close();
    }
}
