package dev.firn.pagestore.layer;

import java.util.Arrays;

/**
 * At which LSNs reads must be answered: all from a horizon on, and some below it (branch points, snapshots, leases). Immutable.
 */
public final class ReadableLsns {
    /** Reads are answered at every LSN: nothing may be dropped. */
    public static final ReadableLsns ALL = from(0);

    private final long horizonLsn;
    private final long[] points;

    private ReadableLsns(final long horizonLsn, final long[] points) {
        this.horizonLsn = horizonLsn;
        this.points = points;
    }

    /** @param points in any order; those at or above the horizon say nothing new. */
    public static ReadableLsns from(final long horizonLsn, final long... points) {
        if (horizonLsn < 0) {
            throw new IllegalArgumentException("a horizon at LSN " + horizonLsn + " makes no sense");
        }
        return new ReadableLsns(
                horizonLsn,
                Arrays.stream(points)
                        .filter(point -> point < horizonLsn)
                        .sorted()
                        .distinct()
                        .toArray());
    }

    public long horizonLsn() {
        return horizonLsn;
    }

    /** The lowest LSN, not below this one, at which reads must be answered. */
    public long next(final long lsn) {
        if (lsn >= horizonLsn) {
            return lsn;
        }
        final int at = Arrays.binarySearch(points, lsn);
        if (at >= 0) {
            return lsn;
        }
        return ~at < points.length ? points[~at] : horizonLsn;
    }

    /** Whether reads must be answered at some LSN from one on and below another. */
    public boolean any(final long fromLsn, final long belowLsn) {
        return next(fromLsn) < belowLsn;
    }

    @Override
    public String toString() {
        return "from " + Long.toHexString(horizonLsn) + " on, and at " + points.length + " LSNs below";
    }
}
