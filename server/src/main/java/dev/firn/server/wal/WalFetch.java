package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.CommandException;
import dev.firn.walquorum.archive.ArchiveContents;
import dev.firn.walquorum.archive.ArchiveReader;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.reader.CommittedWalReader;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import dev.firn.walquorum.reader.ReaderState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/** Writes a timeline's committed WAL as stock segments: from the archive what it has, the rest from the WAL nodes. For one thread. */
public final class WalFetch {
    /** A majority that does not tell within this time what is committed is not there. */
    private static final long QUORUM_LIMIT_NS = TimeUnit.SECONDS.toNanos(20);

    private final ArchivedTimeline archived;
    private final TimelineEntry entry;
    private final OffHeapMemory memory;
    private final Clock clock;
    private final RandomGenerator random;
    private final LongConsumer progress;

    /**
     * What was written.
     *
     * @param endLsn up to where.
     */
    public record Result(long fromLsn, long endLsn, long files, long bytes, long bytesFromArchive) {}

    /**
     * Where the rest is read from.
     *
     * @param endpoint borrowed.
     * @param nodes the WAL nodes.
     */
    public record Quorum(Endpoint endpoint, List<Integer> nodes) {}

    /** @param progress hears how many bytes were written, often. */
    public WalFetch(
            final ArchivedTimeline archived,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final LongConsumer progress) {
        this.archived = archived;
        this.entry = archived.entry();
        this.memory = memory;
        this.clock = clock;
        this.random = random;
        this.progress = progress;
    }

    /**
     * Fetches.
     *
     * @param quorum empty for what the archive has alone.
     * @param fromLsn 0 for all; else from the beginning of its segment on.
     * @param toLsn 0 for all that is committed now.
     */
    public Result run(final Optional<Quorum> quorum, final long fromLsn, final long toLsn, final Path folder) {
        final long beginLsn = begin(fromLsn);
        if (toLsn != 0 && toLsn <= beginLsn) {
            throw new CommandException(
                    Lsn.format(toLsn) + " is not behind " + Lsn.format(beginLsn) + ", where the WAL begins");
        }
        final Optional<HistoryFile> newest = writeHistories(folder);
        final PostgresTimelines timelines = archived.timelines(newest);
        try (SegmentFiles files = new SegmentFiles(folder, timelines, entry.walSegmentBytes(), beginLsn)) {
            fromArchive(files, timelines, toLsn, () -> progress.accept(files.bytes()));
            final long fromArchive = files.bytes();
            fromRest(quorum, files, toLsn, () -> progress.accept(files.bytes()));
            files.finish();
            return new Result(beginLsn, files.positionLsn(), files.files(), files.bytes(), fromArchive);
        }
    }

    /**
     * Hands over the WAL from where a sink begins.
     *
     * @param toLsn 0 for all that is committed now.
     */
    void read(final Optional<Quorum> quorum, final WalSink sink, final long toLsn) {
        final List<Integer> histories = archived.contents().histories();
        final PostgresTimelines timelines = archived.timelines(
                histories.isEmpty() ? Optional.empty() : Optional.of(archived.history(histories.getLast())));
        fromArchive(sink, timelines, toLsn, () -> {});
        fromRest(quorum, sink, toLsn, () -> {});
    }

    private void fromRest(final Optional<Quorum> quorum, final WalSink sink, final long toLsn, final Runnable moved) {
        if (sink.isDone() || (toLsn != 0 && sink.positionLsn() >= toLsn)) {
            return;
        }
        if (quorum.isPresent()) {
            fromQuorum(sink, quorum.get(), toLsn, moved);
        } else if (toLsn != 0) {
            throw new CommandException("the archive ends at " + Lsn.format(sink.positionLsn())
                    + ", and the rest is with the WAL nodes: start the system with ./firn up");
        }
    }

    private long begin(final long fromLsn) {
        if (fromLsn == 0) {
            return entry.startLsn();
        }
        if (fromLsn < entry.startLsn()) {
            throw new CommandException("the timeline " + entry.name() + " begins at " + Lsn.format(entry.startLsn())
                    + ", after " + Lsn.format(fromLsn));
        }
        return fromLsn - fromLsn % entry.walSegmentBytes();
    }

    /** Postgres finds its way along timelines by these files; the newest one tells all of it. */
    Optional<HistoryFile> writeHistories(final Path folder) {
        final ArchiveContents contents = archived.contents();
        HistoryFile newest = null;
        for (final int timeline : contents.histories()) {
            final HistoryFile history = archived.history(timeline);
            try {
                Files.write(folder.resolve(history.fileName()), history.bytes());
            } catch (final IOException e) {
                throw new CommandException(
                        "cannot write " + folder.resolve(history.fileName()) + ": " + e.getMessage(), e);
            }
            newest = history;
        }
        return Optional.ofNullable(newest);
    }

    private void fromArchive(
            final WalSink files, final PostgresTimelines timelines, final long toLsn, final Runnable moved) {
        try (ArchiveReader reader =
                new ArchiveReader(archived.session(), entry, timelines, memory, ArchivedTimeline.OPTIONS)) {
            reader.begin(files.positionLsn());
            while (reader.state() == ArchiveReader.State.READING
                    && !files.isDone()
                    && (toLsn == 0 || files.positionLsn() < toLsn)) {
                // The end of a partial segment is zeroes, which only the WAL nodes can tell from WAL.
                if (reader.isPartial()) {
                    break;
                }
                final int work = reader.poll((lsn, bytes, offset, length) -> {
                    final int wanted = toLsn == 0 ? length : (int) Math.min(length, toLsn - lsn);
                    if (wanted > 0 && !files.isDone()) {
                        files.write(bytes.asSlice(offset, wanted).asByteBuffer());
                    }
                    return length;
                });
                moved.run();
                archived.turn(work);
            }
            if (reader.state() == ArchiveReader.State.FAILED) {
                throw new CommandException(reader.sentence());
            }
            // What was asked for beyond the end has the memory that the next reader takes.
            while (!reader.isIdle()) {
                archived.turn(0);
            }
        }
    }

    private void fromQuorum(final WalSink files, final Quorum quorum, final long toLsn, final Runnable moved) {
        try (CommittedWalReaders readers =
                new CommittedWalReaders(quorum.endpoint(), memory, clock, random, ReaderConfig.DEFAULT)) {
            final long[] endLsn = {toLsn};
            final CommittedWalReader reader = readers.open(
                    entry.logId(),
                    new ArrayList<>(quorum.nodes()),
                    files.positionLsn(),
                    (lsn, buffer, offset, length) -> take(files, endLsn[0], lsn, buffer, offset, length));
            final long deadlineNs = clock.nanoTime() + QUORUM_LIMIT_NS;
            boolean heard = false;
            while (!files.isDone() && (!heard || files.positionLsn() < endLsn[0])) {
                final int work = readers.doWork();
                if (!heard && reader.state() == ReaderState.READING) {
                    heard = true;
                    endLsn[0] = end(toLsn, reader.committedLsn());
                }
                if (reader.state() == ReaderState.TRIMMED) {
                    throw new CommandException("the WAL nodes have trimmed " + Lsn.format(files.positionLsn())
                            + ", and the archive does not have it: the WAL between is lost");
                }
                if (!heard && clock.nanoTime() - deadlineNs > 0) {
                    throw new CommandException(
                            "no WAL node has told within " + TimeUnit.NANOSECONDS.toSeconds(QUORUM_LIMIT_NS)
                                    + " s what is committed"
                                    + (reader.refusal().isEmpty() ? "" : ": " + reader.refusal()));
                }
                moved.run();
                archived.turn(work);
            }
        }
    }

    private static long end(final long toLsn, final long committedLsn) {
        if (toLsn > committedLsn) {
            throw new CommandException(
                    Lsn.format(toLsn) + " is not committed: the log ends at " + Lsn.format(committedLsn));
        }
        return toLsn == 0 ? committedLsn : toLsn;
    }

    private static int take(
            final WalSink files,
            final long endLsn,
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final int wanted = (int) Math.min(length, endLsn - lsn);
        if (wanted <= 0 || files.isDone()) {
            return 0;
        }
        final ByteBuffer copy = ByteBuffer.allocate(wanted);
        buffer.getBytes(offset, copy, wanted);
        files.write(copy.flip());
        return wanted;
    }
}
