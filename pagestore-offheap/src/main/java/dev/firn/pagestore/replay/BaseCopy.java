package dev.firn.pagestore.replay;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Copies of a base what replay doesn't touch: configuration, and the folders themselves.
 *
 * <p>Left out is what a base backup leaves out too (basebackup.c), as it belongs to a running server: statistics, replication slots, shared memory,
 * notifications, exported snapshots, parents of subtransactions, relation caches, temporary files, what names the process. Also what recovery
 * does away with: backup label, signal files, saved statistics. And what serves replication slots only: snapshots and mappings of
 * logical decoding. Relations, SLRUs, WAL, prepared transactions and the control file are written by others.
 */
final class BaseCopy {
    /** Folders that are made, and stay empty here. */
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

    private static final String TEMPORARY = "pgsql_tmp";

    private final Path base;
    private final TargetDirectory target;

    BaseCopy(final Path base, final TargetDirectory target) {
        this.base = base;
        this.target = target;
    }

    void run() {
        EMPTY_FOLDERS.stream()
                .filter(folder -> Files.isDirectory(base.resolve(folder)))
                .forEach(target::folder);
        try {
            Files.walkFileTree(base, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Copier());
        } catch (final IOException e) {
            throw new ReplayException("cannot copy from " + base + ": " + e.getMessage(), e);
        }
    }

    private final class Copier extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult preVisitDirectory(final Path folder, final BasicFileAttributes attributes) {
            final String name = base.relativize(folder).toString();
            if (name.isEmpty()) {
                return FileVisitResult.CONTINUE;
            }
            if (EMPTY_FOLDERS.contains(name)
                    || folder.getFileName().toString().startsWith(TEMPORARY)
                    || name.equals("base")) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            target.folder(name);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) {
            final String name = base.relativize(file).toString();
            final boolean inDatabase = name.startsWith("global/");
            if (attributes.isRegularFile()
                    && !LEFT_OUT.contains(name)
                    && !(inDatabase
                            && LEFT_OUT_OF_DATABASES
                                    .matcher(file.getFileName().toString())
                                    .matches())) {
                target.copy(file, name, attributes.size());
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
