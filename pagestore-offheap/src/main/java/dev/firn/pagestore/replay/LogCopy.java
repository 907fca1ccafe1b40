package dev.firn.pagestore.replay;

import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.TimelineHistory;
import dev.firn.postgres.wal.WalSegments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Copies the part of the log from which Postgres starts: from the last checkpoint's redo point to where replay ended. What comes behind is zeroes, so that Postgres'
 * own recovery ends there too.
 */
final class LogCopy {
    private static final String FOLDER = "pg_wal/";

    private final LogFiles log;
    private final TargetDirectory target;

    LogCopy(final LogFiles log, final TargetDirectory target) {
        this.log = log;
        this.target = target;
    }

    void run(final ControlFile control, final long endLsn) {
        final int segmentBytes = control.walSegmentBytes();
        final int timeline = newestTimeline(control);
        final long last = WalSegments.number(endLsn - 1, segmentBytes);
        for (long segment = WalSegments.number(control.checkpoint().redo(), segmentBytes); segment <= last; segment++) {
            final long begin = segment * segmentBytes;
            final Path source = log.segment(segment)
                    .orElseThrow(() -> new ReplayException(
                            "the log has no segment with " + Lsn.format(begin) + ", which Postgres needs to start"));
            copy(source, nameOf(source, segment, timeline, segmentBytes), segmentBytes, endLsn - begin);
        }
        for (final Path history : log.histories()) {
            final String name = history.getFileName().toString();
            for (int known = 2; Integer.compareUnsigned(known, timeline) <= 0; known++) {
                if (name.equals(TimelineHistory.fileName(known))) {
                    target.copy(history, FOLDER + name, BaseDirectory.sizeOf(history));
                }
            }
        }
    }

    /** Which timeline Postgres' recovery goes to: InitWalRecovery of xlogrecovery.c. */
    private static int newestTimeline(final ControlFile control) {
        final int ofCheckpoint = control.checkpoint().timeline();
        final int ofEnd = control.minRecoveryPointTimeline();
        return Integer.compareUnsigned(ofEnd, ofCheckpoint) > 0 ? ofEnd : ofCheckpoint;
    }

    /** A later timeline's first file repeats the one before up to the switch; replay that ended before that needs it under the older name. */
    private static String nameOf(final Path source, final long segment, final int timeline, final int segmentBytes) {
        final String name = source.getFileName().toString();
        return Integer.compareUnsigned(WalSegments.timelineOf(name), timeline) > 0
                ? WalSegments.fileName(timeline, segment, segmentBytes)
                : name;
    }

    private void copy(final Path source, final String name, final int segmentBytes, final long wanted) {
        final long length = Math.min(wanted, segmentBytes);
        try (FileChannel file = target.file(FOLDER + name)) {
            target.append(source, file, length);
            if (length < segmentBytes) {
                file.write(ByteBuffer.allocate(1), segmentBytes - 1L);
            }
        } catch (final IOException e) {
            throw new ReplayException(
                    "cannot write " + target.root().resolve(FOLDER + name) + ": " + e.getMessage(), e);
        }
    }
}
