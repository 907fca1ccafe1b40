package dev.firn.server.wal;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.server.CommandException;
import dev.firn.walquorum.catalog.PostgresTimelines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes WAL as the files that Postgres calls segments. A file gets its name when it is whole; the last one is filled up with zeroes,
 * as Postgres' own last one is.
 */
final class SegmentFiles implements WalSink, AutoCloseable {
    private static final String UNFINISHED = ".new";

    private final Path folder;
    private final PostgresTimelines timelines;
    private final int segmentBytes;
    private FileChannel channel;
    private Path path;
    private long segment = -1;
    private long positionLsn;
    private long files;
    private long bytes;

    /** @param fromLsn the first byte that comes; what lies before it in its segment stays zero. */
    SegmentFiles(final Path folder, final PostgresTimelines timelines, final int segmentBytes, final long fromLsn) {
        this.folder = folder;
        this.timelines = timelines;
        this.segmentBytes = segmentBytes;
        this.positionLsn = fromLsn;
    }

    @Override
    public long positionLsn() {
        return positionLsn;
    }

    long files() {
        return files;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void write(final ByteBuffer source) {
        try {
            while (source.hasRemaining()) {
                final long number = WalSegments.number(positionLsn, segmentBytes);
                if (number != segment) {
                    begin(number);
                }
                final long offset = positionLsn - number * segmentBytes;
                final int length = (int) Math.min(source.remaining(), segmentBytes - offset);
                final ByteBuffer piece = source.slice(source.position(), length);
                while (piece.hasRemaining()) {
                    channel.write(piece, offset + piece.position());
                }
                source.position(source.position() + length);
                positionLsn += length;
                bytes += length;
                if (positionLsn % segmentBytes == 0) {
                    end();
                }
            }
        } catch (final IOException e) {
            throw new CommandException(
                    "cannot write " + path + ": " + e.getMessage() + "; make room, and try again", e);
        }
    }

    private void begin(final long number) throws IOException {
        path = folder.resolve(Lsn.format(number * segmentBytes).replace('/', '-') + UNFINISHED);
        channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        segment = number;
    }

    /** The name tells the timeline of the last byte. */
    private void end() throws IOException {
        if (channel.size() < segmentBytes) {
            channel.write(ByteBuffer.wrap(new byte[1]), segmentBytes - 1L);
        }
        channel.force(true);
        channel.close();
        channel = null;
        final String name = WalSegments.fileName(timelines.timelineAt(positionLsn - 1), segment, segmentBytes);
        Files.move(path, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        segment = -1;
        files++;
    }

    /** Gives the last segment its length and name. */
    void finish() {
        try {
            if (channel != null) {
                end();
            }
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (final IOException e) {
            throw new CommandException(
                    "cannot write " + path + ": " + e.getMessage() + "; make room, and try again", e);
        }
    }

    /** What is unfinished is removed. */
    @Override
    public void close() {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
            Files.deleteIfExists(path);
        } catch (final IOException e) {
            throw new CommandException("cannot remove " + path + ": " + e.getMessage(), e);
        }
    }
}
