package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.ReplicationOrigins;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which files of a base replay does not touch and a new data directory keeps: configuration, and the folders themselves. Paths begin at the data
 * directory.
 *
 * <p>Left out is what a base backup leaves out too (basebackup.c), as it belongs to a running server: statistics, replication slots, shared memory,
 * notifications, exported snapshots, parents of subtransactions, relation caches, temporary files, what names the process. Also what recovery
 * does away with: backup label, signal files, saved statistics. And what serves replication slots only: snapshots and mappings of
 * logical decoding. Relations, SLRUs, WAL, prepared transactions and the control file are written by others.
 */
public final class KeptFiles {
    /** Folders that are there, and empty at first. */
    private static final Set<String> EMPTY_FOLDERS = Set.of(
            "pg_stat",
            "pg_stat_tmp",
            "pg_replslot",
            "pg_dynshmem",
            "pg_notify",
            "pg_serial",
            "pg_snapshots",
            "pg_subtrans",
            "pg_logical/mappings",
            "pg_logical/snapshots",
            "pg_wal",
            "pg_wal/archive_status",
            "pg_wal/summaries",
            "pg_xact",
            "pg_multixact/offsets",
            "pg_multixact/members",
            "pg_commit_ts",
            "pg_twophase",
            "pg_tblspc");

    private static final Set<String> LEFT_OUT = Set.of(
            "postmaster.pid",
            "postmaster.opts",
            "postgresql.auto.conf.tmp",
            "current_logfiles",
            "current_logfiles.tmp",
            "backup_label",
            "backup_label.old",
            "backup_manifest",
            "tablespace_map",
            "tablespace_map.old",
            "recovery.signal",
            "standby.signal",
            "global/pg_control",
            ReplicationOrigins.PATH);

    /** Relation caches, temporary relations, and the half-written relation map of 17: RemovePgTempFiles of fd.c, relcache.c, relmapper.c. */
    private static final Pattern LEFT_OUT_OF_DATABASES = Pattern.compile(
            "pg_internal\\.init.*|t[0-9]+_.*|pg_filenode\\.map(\\.tmp)?|PG_VERSION|[1-9][0-9]*(_.*)?(\\.[0-9]+)?");

    private static final String DATABASES = "base";
    private static final String SHARED = "global/";
    private static final String TEMPORARY = "pgsql_tmp";

    private KeptFiles() {}

    /** Folders of a data directory that are made, and stay empty here; a base of an older major lacks some. */
    public static Set<String> emptyFolders() {
        return EMPTY_FOLDERS;
    }

    /** Whether a folder is kept, with what {@link #isKept} says of its files. */
    public static boolean isKeptFolder(final String path) {
        final String name = path.substring(path.lastIndexOf('/') + 1);
        return !EMPTY_FOLDERS.contains(path) && !name.startsWith(TEMPORARY) && !path.equals(DATABASES);
    }

    /** Whether a file is kept whose folders are. */
    public static boolean isKept(final String path) {
        final String name = path.substring(path.lastIndexOf('/') + 1);
        return !LEFT_OUT.contains(path)
                && !(path.startsWith(SHARED)
                        && LEFT_OUT_OF_DATABASES.matcher(name).matches());
    }

    /** Whether a file is kept, all of its folders looked at. */
    public static boolean isKeptWithFolders(final String path) {
        for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
            if (!isKeptFolder(path.substring(0, end))) {
                return false;
            }
        }
        return isKept(path);
    }
}
