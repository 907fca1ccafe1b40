package dev.firn.postgres.file;

import dev.firn.postgres.version.PostgresVersion;

/**
 * Where relations are in a data directory (common/relpath.c): which path a relation's fork and segment has, and what a path is of. Paths
 * begin at the data directory. Temporary relations have no path here: nothing of theirs is in the WAL.
 */
public final class RelationPath {
    /** RELSEG_SIZE of every stock build: a file has at most 1 GiB. */
    public static final int SEGMENT_BLOCKS = 131072;

    private static final int MAX_SEGMENT = -1 >>> Integer.numberOfTrailingZeros(SEGMENT_BLOCKS);
    private static final String GLOBAL = "global";
    private static final String BASE = "base";
    private static final String TABLESPACES = "pg_tblspc";

    private RelationPath() {}

    /**
     * A file of a relation.
     *
     * @param locator the relation.
     * @param fork its fork.
     * @param segment which of the fork's files, from 0.
     */
    public record Location(RelFileLocator locator, Fork fork, int segment) {}

    /** The directory of a database in a tablespace. */
    public static String directory(final PostgresVersion version, final int tablespace, final int database) {
        return switch (tablespace) {
            case RelFileLocator.GLOBAL_TABLESPACE -> GLOBAL;
            case RelFileLocator.DEFAULT_TABLESPACE -> BASE + '/' + Integer.toUnsignedString(database);
            default ->
                TABLESPACES
                        + '/'
                        + Integer.toUnsignedString(tablespace)
                        + '/'
                        + versionDirectory(version)
                        + '/'
                        + Integer.toUnsignedString(database);
        };
    }

    /** TABLESPACE_VERSION_DIRECTORY: what a tablespace's own directory contains. */
    public static String versionDirectory(final PostgresVersion version) {
        return "PG_" + version.major() + '_' + version.catalogVersion();
    }

    /** The path of the file that has a block's segment. */
    public static String of(
            final PostgresVersion version, final RelFileLocator locator, final Fork fork, final int segment) {
        if (segment < 0 || segment > MAX_SEGMENT) {
            throw new IllegalArgumentException("segment " + segment + " of " + locator);
        }
        return directory(version, locator.tablespace(), locator.database())
                + '/'
                + Integer.toUnsignedString(locator.relfilenode())
                + fork.suffix()
                + (segment == 0 ? "" : "." + segment);
    }

    /** Which segment has a block. */
    public static int segment(final int block) {
        return Integer.divideUnsigned(block, SEGMENT_BLOCKS);
    }

    /** Where in its segment's file a block begins. */
    public static long offsetInSegment(final int block) {
        return Integer.remainderUnsigned(block, SEGMENT_BLOCKS) * 8192L;
    }

    /** What a path is of, or null when it is not of a permanent or unlogged relation of this version. */
    public static Location parse(final PostgresVersion version, final String path) {
        final String[] parts = path.split("/", -1);
        if (parts.length == 2 && parts[0].equals(GLOBAL)) {
            return file(RelFileLocator.GLOBAL_TABLESPACE, 0, parts[1]);
        }
        if (parts.length == 3 && parts[0].equals(BASE)) {
            final long database = oid(parts[1]);
            return database < 0 ? null : file(RelFileLocator.DEFAULT_TABLESPACE, (int) database, parts[2]);
        }
        if (parts.length == 5 && parts[0].equals(TABLESPACES) && parts[2].equals(versionDirectory(version))) {
            final long tablespace = oid(parts[1]);
            final long database = oid(parts[3]);
            return tablespace < 0 || database < 0 ? null : file((int) tablespace, (int) database, parts[4]);
        }
        return null;
    }

    private static Location file(final int tablespace, final int database, final String name) {
        final int dot = name.indexOf('.');
        final int underscore = name.indexOf('_');
        final int stemEnd = dot < 0 ? name.length() : dot;
        final int digitsEnd = underscore < 0 ? stemEnd : underscore;
        if (digitsEnd > stemEnd) {
            return null;
        }
        final long relfilenode = oid(name.substring(0, digitsEnd));
        final long segment = dot < 0 ? 0 : oid(name.substring(dot + 1));
        if (relfilenode < 0 || segment < 0 || segment > MAX_SEGMENT || (dot >= 0 && segment == 0)) {
            return null;
        }
        final String suffix = name.substring(digitsEnd, stemEnd);
        for (int number = 0; Fork.of(number) != null; number++) {
            if (Fork.of(number).suffix().equals(suffix)) {
                return new Location(
                        new RelFileLocator(tablespace, database, (int) relfilenode), Fork.of(number), (int) segment);
            }
        }
        return null;
    }

    /** A decimal uint32 as Postgres prints it, without leading zeroes and not 0, or -1. */
    private static long oid(final String digits) {
        final int length = digits.length();
        if (length == 0 || length > 10 || digits.charAt(0) == '0') {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            final char digit = digits.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            value = value * 10 + digit - '0';
        }
        return value > 0xFFFF_FFFFL ? -1 : value;
    }
}
