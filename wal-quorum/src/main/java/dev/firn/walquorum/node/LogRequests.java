package dev.firn.walquorum.node;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.walquorum.log.LogIdentity;
import dev.firn.walquorum.wire.LogSpec;

/** What of a wish for a log can be said without looking at a disk. */
final class LogRequests {
    private static final String TIMELINE_NAME = "[a-z0-9][a-z0-9_-]{0,62}";

    /** As initdb's --wal-segsize. */
    private static final int LEAST_SEGMENT_BYTES = 1 << 20;

    private static final int MOST_SEGMENT_BYTES = 1 << 30;

    private LogRequests() {}

    /** Why there cannot be such a log, in one sentence; empty when there can. */
    static String objection(final LogSpec spec) {
        if (spec.logId() == 0) {
            return "a log's id is not 0";
        }
        if (!spec.timeline().matches(TIMELINE_NAME)) {
            return "\"" + spec.timeline() + "\" is no name of a timeline: up to 63 small letters, digits, dashes and"
                    + " underscores, the first a letter or digit";
        }
        try {
            PostgresVersion.ofMajor(spec.postgresMajor());
        } catch (final IllegalArgumentException e) {
            return e.getMessage();
        }
        if (spec.walSegmentBytes() < LEAST_SEGMENT_BYTES
                || spec.walSegmentBytes() > MOST_SEGMENT_BYTES
                || Integer.bitCount(spec.walSegmentBytes()) != 1) {
            return "a WAL segment of Postgres is a power of two from 1 MiB to 1 GiB, not "
                    + Integer.toUnsignedString(spec.walSegmentBytes()) + " bytes";
        }
        if (spec.startLsn() == 0 || spec.startLsn() % spec.walSegmentBytes() != 0) {
            return "a log begins with a WAL segment, which LSN " + Lsn.format(spec.startLsn())
                    + " does not, with segments of " + spec.walSegmentBytes() + " bytes";
        }
        return "";
    }

    /** Whether this is the log that is wished for. */
    static boolean isOf(final LogSpec spec, final LogIdentity identity) {
        return spec.logId() == identity.logId()
                && spec.timeline().equals(identity.timeline())
                && spec.systemIdentifier() == identity.systemIdentifier()
                && spec.postgresMajor() == identity.postgresMajor()
                && spec.walSegmentBytes() == identity.walSegmentBytes()
                && spec.startLsn() == identity.startLsn();
    }

    /** What stands in the way of another log. */
    static String another(final LogIdentity there) {
        return "this WAL node has a log " + NodeDirectory.nameOf(there.logId()) + " of timeline " + there.timeline()
                + " already, of Postgres " + there.postgresMajor() + " with system identifier "
                + Long.toUnsignedString(there.systemIdentifier()) + " and segments of " + there.walSegmentBytes()
                + " bytes from " + Lsn.format(there.startLsn()) + " on";
    }

    static boolean isOutOfSpace(final StorageException failure) {
        return failure.errno() == Errno.ENOSPC || failure.errno() == Errno.EDQUOT;
    }
}
