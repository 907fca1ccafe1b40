package dev.firn.server.wal;

import dev.firn.pagestore.replay.LogFiles;
import dev.firn.postgres.wal.TimelineHistory;
import dev.firn.postgres.wal.WalSegmentHeader;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The segments of one timeline and its ancestors in a directory: a data directory's {@code pg_wal}, or an archive.
 *
 * @param header of a segment that was found: version, segment size and system are those of all.
 * @param history of the timeline that is followed.
 * @param fileNames of all segments that were there.
 */
public record WalDirectory(
        Path directory, WalSegmentHeader header, TimelineHistory history, SortedSet<String> fileNames)
        implements LogFiles {
    private static final String PG_WAL = "pg_wal";

    /**
     * Lists a directory.
     *
     * @param directory with segment files in it, or in its {@code pg_wal}.
     * @param timeline to follow; empty for the newest that has a file.
     * @throws CommandException when there is no segment, or none of a supported version.
     */
    public static WalDirectory open(final Path directory, final Optional<Integer> timeline) {
        Path folder = directory;
        SortedSet<String> names = segmentNames(folder);
        if (names.isEmpty() && Files.isDirectory(directory.resolve(PG_WAL))) {
            folder = directory.resolve(PG_WAL);
            names = segmentNames(folder);
        }
        if (names.isEmpty()) {
            throw new CommandException("there is no WAL segment in " + directory
                    + ": give the folder that holds files such as 000000010000000000000001");
        }
        final int newest = timeline.orElse(WalSegments.timelineOf(names.last()));
        return new WalDirectory(folder, anyHeader(folder, names), historyOf(folder, newest), names);
    }

    /** The oldest segment that the timeline or an ancestor has a file of. */
    public Optional<Long> firstSegment() {
        return fileNames.stream()
                .map(name -> WalSegments.numberOf(name, header.segmentBytes()))
                .sorted()
                .filter(number -> file(number).isPresent())
                .findFirst();
    }

    @Override
    public Optional<Path> segment(final long number) {
        return file(number);
    }

    @Override
    public List<Path> histories() {
        return history.entries().stream()
                .map(entry -> directory.resolve(TimelineHistory.fileName(entry.timeline())))
                .filter(Files::exists)
                .toList();
    }

    /** Where the newest segment of all files ends: the log may end before. */
    public long endOfLastSegment() {
        return fileNames.stream()
                        .mapToLong(name -> WalSegments.numberOf(name, header.segmentBytes()) + 1)
                        .max()
                        .orElseThrow()
                * header.segmentBytes();
    }

    /** The file that holds a segment: the newest timeline's that owns a part of it. */
    public Optional<Path> file(final long segmentNumber) {
        for (final int timeline : history.candidates(segmentNumber, header.segmentBytes())) {
            final String name = WalSegments.fileName(timeline, segmentNumber, header.segmentBytes());
            if (fileNames.contains(name)) {
                return Optional.of(directory.resolve(name));
            }
        }
        return Optional.empty();
    }

    /** The timeline that is followed. */
    public int timeline() {
        return history.entries().getLast().timeline();
    }

    private static SortedSet<String> segmentNames(final Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new CommandException(
                    "there is no directory " + directory + ": name the one that holds WAL segments, Postgres' pg_wal");
        }
        try (Stream<Path> files = Files.list(directory)) {
            final SortedSet<String> names = new TreeSet<>();
            files.map(file -> file.getFileName().toString())
                    .filter(WalSegments::isFileName)
                    .forEach(names::add);
            return names;
        } catch (final IOException e) {
            throw new CommandException("cannot list " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Of the first segment that has one: recycled segments that were never written to may have none. */
    private static WalSegmentHeader anyHeader(final Path directory, final SortedSet<String> names) {
        for (final String name : names) {
            final WalSegmentHeader header = headerOf(directory.resolve(name));
            if (header != null) {
                return header;
            }
        }
        throw new CommandException("no file in " + directory + " begins as WAL of a supported Postgres: "
                + names.first() + " is of another version, or damaged");
    }

    private static WalSegmentHeader headerOf(final Path file) {
        final ByteBuffer bytes = ByteBuffer.allocate(WalSegmentHeader.BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Until the header is whole or the file ends.
            }
        } catch (final IOException e) {
            throw new CommandException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return bytes.hasRemaining() ? null : WalSegmentHeader.read(MemorySegment.ofArray(bytes.array()), 0);
    }

    private static TimelineHistory historyOf(final Path directory, final int timeline) {
        final Path file = directory.resolve(TimelineHistory.fileName(timeline));
        if (!Files.exists(file)) {
            return TimelineHistory.of(timeline);
        }
        try {
            return TimelineHistory.parse(timeline, Files.readString(file));
        } catch (final IOException | IllegalArgumentException e) {
            throw new CommandException("cannot use " + file + ": " + e.getMessage(), e);
        }
    }
}
