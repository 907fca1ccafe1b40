package dev.firn.pagestore.ingest;

import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A base backup as a page store reads it: the names and lengths of its files, and ranges of them. Files are numbered from 0.
 *
 * <p>One thread owns it. Reads are answered in {@link #poll}.
 */
public interface BaseFiles {
    PostgresVersion version();

    /** Where the log begins that goes with the files. */
    long startLsn();

    /** From where on they and the log are one state: no LSN before this one is served. */
    long consistentLsn();

    /** How many files there are; directories and links are none. */
    int files();

    /** Below the data directory; of a tablespace {@code pg_tblspc/OID/…}. */
    String path(int file);

    long lengthBytes(int file);

    /** The directories that there are, as {@link #path}: some databases may have nothing else. */
    List<String> directories();

    /** The tablespaces but the two of the data directory. */
    List<Tablespace> tablespaces();

    /**
     * A tablespace.
     *
     * @param location its path on the primary; empty when it lies in {@code pg_tblspc} itself.
     */
    record Tablespace(int oid, String location) {}

    /**
     * Asks for a range of a file.
     *
     * @param into as long as the range; borrowed until the answer.
     * @return false when there are too many questions already: ask again.
     */
    boolean read(int file, long offset, MemorySegment into, long token);

    /** What was read of a file's range turned out to be damaged: it does not come from a cache the next time. */
    default void forget(final int file, final long offset, final long lengthBytes) {}

    /** Tells at most so many answers, and returns how many. */
    int poll(ReadHandler handler, int limit);

    /** Hears of reads. */
    @FunctionalInterface
    interface ReadHandler {
        /** {@code failure} is null when the range is there, and else one sentence. */
        void onRead(long token, String failure);
    }
}
