package dev.firn.compute.instance;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What is fixed when a cluster is made: the options of {@code initdb}.
 *
 * @param locale          C or C.UTF-8, which every machine has; others when they are installed
 * @param encoding        as initdb knows it: UTF8, SQL_ASCII, LATIN1, …
 * @param checksums       whether data pages carry checksums
 * @param walSegmentMiB   size of a WAL segment: a power of two from 1 to 1024
 * @param superuser       name of the first role
 */
public record ClusterOptions(String locale, String encoding, boolean checksums, int walSegmentMiB, String superuser) {
    /** C.UTF-8, UTF8, checksums, segments of 16 MiB, {@code postgres}. */
    public static final ClusterOptions DEFAULT = new ClusterOptions("C.UTF-8", "UTF8", true, 16, "postgres");

    private static final int MAX_WAL_SEGMENT_MIB = 1024;

    public ClusterOptions {
        Objects.requireNonNull(locale, "locale");
        Objects.requireNonNull(encoding, "encoding");
        Objects.requireNonNull(superuser, "superuser");
        if (walSegmentMiB < 1 || walSegmentMiB > MAX_WAL_SEGMENT_MIB || Integer.bitCount(walSegmentMiB) != 1) {
            throw new IllegalArgumentException(
                    "a WAL segment is a power of two from 1 to " + MAX_WAL_SEGMENT_MIB + " MiB, not " + walSegmentMiB);
        }
    }

    public ClusterOptions withLocale(final String newLocale) {
        return new ClusterOptions(newLocale, encoding, checksums, walSegmentMiB, superuser);
    }

    public ClusterOptions withEncoding(final String newEncoding) {
        return new ClusterOptions(locale, newEncoding, checksums, walSegmentMiB, superuser);
    }

    public ClusterOptions withChecksums(final boolean newChecksums) {
        return new ClusterOptions(locale, encoding, newChecksums, walSegmentMiB, superuser);
    }

    public ClusterOptions withWalSegmentMiB(final int newWalSegmentMiB) {
        return new ClusterOptions(locale, encoding, checksums, newWalSegmentMiB, superuser);
    }

    /**
     * The arguments for initdb. It need not sync: a server that is about to run syncs what it writes, and a cluster whose making
     * was cut short is made again. Checksums on are asked for, off are not: {@code --no-data-checksums} exists from 18 on, where
     * it is needed, since 18 turns them on by itself.
     */
    List<String> arguments(final int majorVersion) {
        final List<String> arguments = new ArrayList<>(List.of(
                "--locale=" + locale,
                "--encoding=" + encoding,
                "--username=" + superuser,
                "--auth=trust",
                "--wal-segsize=" + walSegmentMiB,
                "--no-sync"));
        if (checksums) {
            arguments.add("--data-checksums");
        } else if (majorVersion >= 18) {
            arguments.add("--no-data-checksums");
        }
        return arguments;
    }
}
