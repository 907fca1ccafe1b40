package dev.firn.walquorum.backup;

import dev.firn.postgres.wal.WalSegments;
import dev.firn.walquorum.archive.CommittedWal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** The WAL of a Postgres' own {@code pg_wal}, as if it had been committed by a quorum. */
final class WalDirectoryLog implements CommittedWal {
    private static final int PIECE_BYTES = 200_000;

    private final Path directory;
    private final int segmentBytes;
    private final long startLsn;
    private long committedLsn;
    private long fromLsn;
    private long toLsn;

    WalDirectoryLog(final Path directory, final int segmentBytes, final long startLsn) {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.startLsn = startLsn;
        this.committedLsn = startLsn;
    }

    void commit(final long lsn) {
        committedLsn = lsn;
    }

    @Override
    public long startLsn() {
        return startLsn;
    }

    @Override
    public long committedLsn() {
        return committedLsn;
    }

    @Override
    public void demand(final long from, final long to) {
        fromLsn = from;
        toLsn = to;
    }

    @Override
    public void release(final long lsn) {
        // The server keeps it all.
    }

    @Override
    public int poll(final Handler handler) {
        if (fromLsn >= toLsn) {
            return 0;
        }
        final int offset = (int) (fromLsn % segmentBytes);
        final int length = (int) Math.min(Math.min(toLsn - fromLsn, segmentBytes - offset), PIECE_BYTES);
        try {
            final byte[] segment = Files.readAllBytes(
                    directory.resolve(WalSegments.fileName(1, fromLsn / segmentBytes, segmentBytes)));
            fromLsn += handler.onCommitted(fromLsn, MemorySegment.ofArray(segment), offset, length);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return 1;
    }
}
