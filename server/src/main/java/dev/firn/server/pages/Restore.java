package dev.firn.server.pages;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.cluster.ClusterProgress;
import dev.firn.pagestore.cluster.ReplicationOrigins;
import dev.firn.pagestore.replay.KeptFiles;
import dev.firn.pagestore.replay.ReplayException;
import dev.firn.pagestore.replay.TargetDirectory;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import dev.firn.server.wal.ArchivedChain;
import dev.firn.server.wal.ArchivedTimeline;
import dev.firn.server.wal.WalFetch;
import dev.firn.walquorum.backup.BackupFile;
import dev.firn.walquorum.backup.BaseBackupReader;
import dev.firn.walquorum.backup.FileKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * Writes a timeline as it was at an LSN as a data directory that stock Postgres starts on: everything from the page server, but for
 * configuration, which is the base backup's, and the WAL since the last checkpoint's redo point, which Postgres starts with. The control
 * file comes last, when all else is durable: without it, Postgres starts on nothing.
 *
 * <p>Unlogged relations are empty copies of their init forks, as recovery leaves them. Tablespaces are folders of {@code tablespaces}
 * within the directory, linked to.
 */
public final class Restore {
    private static final String TABLESPACES = "tablespaces";
    private static final String TABLESPACE_LINKS = "pg_tblspc";
    private static final String WAL = "pg_wal";
    private static final MemoryTag TAG = MemoryTag.of("restore");

    private final Tools tools;
    private final ArchivedChain chain;

    /** Whose base backup the pages are made of. */
    private final ArchivedTimeline archived;

    private final TimelineFacts timeline;
    private final PostgresVersion version;
    private final long lsn;
    private final long walEndLsn;

    /**
     * What it works with; all of it is borrowed.
     *
     * @param endpoint of the command.
     * @param pageServer the page server's node.
     * @param walNodes of the quorum.
     * @param progress hears how many bytes of so many are written.
     * @param onWaiting hears a sentence when the page server is waited for.
     */
    public record Tools(
            Endpoint endpoint,
            int pageServer,
            List<Integer> walNodes,
            OffHeapMemory memory,
            Clock clock,
            RandomGenerator random,
            BooleanSupplier stop,
            Progress progress,
            Consumer<String> onWaiting) {}

    /** Hears how far it is. */
    public interface Progress {
        void moved(long bytes, long totalBytes);
    }

    /**
     * What was written.
     *
     * @param cleanlyShutDown whether Postgres starts without recovery.
     */
    public record Result(
            String branch,
            int postgresMajor,
            long lsn,
            long files,
            long bytes,
            long walBytes,
            boolean cleanlyShutDown) {}

    /**
     * @param chain whose base backup and WAL these pages are made of.
     * @param lsn within the timeline's history.
     * @param walEndLsn up to where WAL is written: there, or at the end of a log that has no whole record behind it.
     */
    public Restore(
            final Tools tools,
            final ArchivedChain chain,
            final TimelineFacts timeline,
            final long lsn,
            final long walEndLsn) {
        this.tools = tools;
        this.chain = chain;
        this.archived = chain.root();
        this.walEndLsn = walEndLsn;
        this.timeline = timeline;
        this.version = PostgresVersion.ofMajor(timeline.postgresMajor());
        this.lsn = lsn;
    }

    /** Writes it. When that fails, nothing is left of the target. */
    public Result run(final PageConnection connection, final Path to) {
        final Path target = to.toAbsolutePath().normalize();
        final DirectoryValues values;
        final TargetDirectory directory;
        try {
            TargetDirectory.requireUsable(target);
            values = DirectoryValues.read(connection, timeline, lsn);
            directory = TargetDirectory.create(target, nearestFolder(target));
        } catch (final ReplayException e) {
            throw new CommandException(e.getMessage(), e);
        }
        boolean done = false;
        try (ReaderLease lease = ReaderLease.take(connection, timeline, lsn, tools.clock(), tools.random())) {
            final Result result = write(connection, values, lease, directory);
            done = true;
            return result;
        } catch (final ReplayException e) {
            throw new CommandException(e.getMessage(), e);
        } finally {
            if (!done) {
                directory.remove();
            }
        }
    }

    /** Whose owner the files get: the folder that the directory is in, or will be. */
    private static Path nearestFolder(final Path target) {
        Path folder = target.getParent();
        while (!Files.isDirectory(folder)) {
            folder = folder.getParent();
        }
        return folder;
    }

    private Result write(
            final PageConnection connection,
            final DirectoryValues values,
            final ReaderLease lease,
            final TargetDirectory target) {
        try (ClusterProgress cluster = new ClusterProgress(tools.memory())) {
            if (values.cluster == null) {
                throw new CommandException("the page server tells no control file: its timeline is damaged");
            }
            cluster.read(MemorySegment.ofArray(values.cluster), 0);
            final boolean clean = cluster.settle(
                    walEndLsn, TimeUnit.NANOSECONDS.toSeconds(tools.clock().epochNs()));
            final ControlFile control = cluster.control();
            writeKept(target);
            writeTablespaces(values, target);
            writeDatabases(values, target);
            writeSlrus(connection, values, target);
            writePrepared(connection, values, control.checkpoint().redo(), target);
            writeOrigins(values, target);
            final long bytes = writeRelations(values, control.dataChecksumVersion() != 0, lease, target);
            final long walBytes = chain.fetch(
                    new ArchivedChain.Tools(
                            Optional.of(new WalFetch.Quorum(tools.endpoint(), tools.walNodes())),
                            tools.memory(),
                            tools.clock(),
                            tools.random()),
                    control.checkpoint().redo(),
                    walEndLsn,
                    target.root().resolve(WAL));
            target.sync();
            target.write(ControlFile.PATH, cluster.controlBytes().toArray(ValueLayout.JAVA_BYTE));
            target.sync(ControlFile.PATH);
            return new Result(
                    timeline.name(), timeline.postgresMajor(), lsn, values.forks.size(), bytes, walBytes, clean);
        }
    }

    // ---- What the base backup has and the log does not change

    private void writeKept(final TargetDirectory target) {
        final List<Long> backups = archived.<List<Long>>ask(done -> BaseBackupReader.list(
                archived.session(), archived.entry().keys(), ArchivedTimeline.OPTIONS, done::accept, sentence -> {
                    throw new CommandException(sentence);
                }));
        if (backups.isEmpty()) {
            throw new CommandException("the base backup of " + archived.entry().name() + " is gone");
        }
        try (BaseBackupReader backup = new BaseBackupReader(
                archived.session(),
                archived.entry().keys(),
                backups.getFirst(),
                tools.memory(),
                ArchivedTimeline.OPTIONS)) {
            open(backup);
            final BackupFiles files = new BackupFiles(archived.session(), backup);
            for (final BackupFile file : backup.files()) {
                final String path = backup.pathOf(file);
                if (file.kind() == FileKind.DIRECTORY && isWanted(path)) {
                    target.folder(path);
                }
            }
            for (int i = 0; i < files.files(); i++) {
                final String path = files.path(i);
                if (!path.startsWith(TABLESPACE_LINKS) && KeptFiles.isKeptWithFolders(path)) {
                    target.write(path, content(files, i));
                }
            }
        }
    }

    private static boolean isWanted(final String path) {
        return !path.isEmpty()
                && !path.startsWith(TABLESPACE_LINKS + "/")
                && (KeptFiles.emptyFolders().contains(path)
                        || (KeptFiles.isKeptFolder(path) && KeptFiles.isKeptWithFolders(path + "/x")));
    }

    private void open(final BaseBackupReader backup) {
        final String[] failure = {null};
        final boolean[] answered = {false};
        backup.open(sentence -> {
            failure[0] = sentence;
            answered[0] = true;
        });
        while (!answered[0]) {
            archived.turn(backup.doWork());
        }
        if (failure[0] != null) {
            throw new CommandException(failure[0]);
        }
    }

    private byte[] content(final BackupFiles files, final int file) {
        final int length = Math.toIntExact(files.lengthBytes(file));
        if (length == 0) {
            return new byte[0];
        }
        final MemorySegment into = tools.memory().allocate(length, TAG);
        try {
            final String[] failure = {null};
            final boolean[] answered = {false};
            while (!files.read(file, 0, into, 0)) {
                archived.turn(0);
            }
            while (!answered[0]) {
                archived.turn(files.poll(
                        (token, sentence) -> {
                            failure[0] = sentence;
                            answered[0] = true;
                        },
                        1));
            }
            if (failure[0] != null) {
                throw new CommandException(failure[0]);
            }
            return into.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            tools.memory().free(into);
        }
    }

    // ---- What the page server has

    private void writeTablespaces(final DirectoryValues values, final TargetDirectory target) {
        values.tablespaces.forEach((oid, path) -> {
            final String name = Integer.toUnsignedString(oid);
            final String link = TABLESPACE_LINKS + '/' + name;
            if (path.isEmpty()) {
                target.folder(link);
            } else {
                target.link(link, TABLESPACES + '/' + name);
            }
            target.folder(link + '/' + RelationPath.versionDirectory(version));
        });
    }

    private void writeDatabases(final DirectoryValues values, final TargetDirectory target) {
        final byte[] content = (version.major() + "\n").getBytes(StandardCharsets.US_ASCII);
        values.databases.forEach((space, hasVersion) -> {
            final String folder = RelationPath.directory(version, space.tablespace(), space.database());
            target.folder(folder);
            if (hasVersion) {
                target.write(folder + "/PG_VERSION", content);
            }
        });
        values.relationMaps.forEach((space, map) -> target.write(
                RelationPath.directory(version, space.tablespace(), space.database()) + '/' + RelationMap.FILE_NAME,
                map));
    }

    /** All but the parents of subtransactions, which Postgres makes anew when it starts. */
    private void writeSlrus(
            final PageConnection connection, final DirectoryValues values, final TargetDirectory target) {
        final Slru[] slrus = Slru.values();
        for (final Slru slru : slrus) {
            target.folder(slru.directory());
        }
        for (final DirectoryValues.Segment segment : values.segments) {
            final Slru slru = slrus[segment.slru()];
            if (slru != Slru.SUBTRANS) {
                target.write(
                        slru.path(segment.number()),
                        connection.slruSegment(timeline, lsn, segment.slru(), segment.number()));
            }
        }
    }

    /**
     * Those that were prepared before the checkpoint's redo point; recovery finds the others in the log (CheckPointTwoPhase). Which they
     * are, the page server tells by what there was at that point.
     */
    private void writePrepared(
            final PageConnection connection,
            final DirectoryValues values,
            final long redo,
            final TargetDirectory target) {
        target.folder(TwoPhaseFile.DIRECTORY);
        if (values.prepared.isEmpty()) {
            return;
        }
        // Before the history there is the base backup alone, and what it had was prepared before its redo point.
        final Map<Long, byte[]> before = redo < timeline.historyLsn()
                ? DirectoryValues.read(connection, timeline, timeline.historyLsn()).prepared
                : DirectoryValues.read(connection, timeline, redo).prepared;
        values.prepared.forEach((xid, content) -> {
            if (before.containsKey(xid)) {
                final byte[] file = Arrays.copyOf(content, content.length + Integer.BYTES);
                final MemorySegment bytes = MemorySegment.ofArray(file);
                LittleEndian.putInt(bytes, content.length, Crc32c.compute(bytes, 0, content.length));
                target.write(TwoPhaseFile.DIRECTORY + '/' + TwoPhaseFile.fileName(version, xid), file);
            }
        });
    }

    private static void writeOrigins(final DirectoryValues values, final TargetDirectory target) {
        final ReplicationOrigins origins = new ReplicationOrigins();
        values.origins.forEach((origin, remoteLsn) -> origins.advance(origin, remoteLsn, true));
        target.write(ReplicationOrigins.PATH, origins.toBytes());
    }

    private long writeRelations(
            final DirectoryValues values,
            final boolean checksums,
            final ReaderLease lease,
            final TargetDirectory target) {
        final long totalBytes = values.totalBlocks * PageLayout.PAGE_BYTES;
        final LongConsumer progress = bytes -> tools.progress().moved(bytes, totalBytes);
        try (RelationDownload download = new RelationDownload(
                tools.endpoint(),
                tools.pageServer(),
                timeline.timelineId(),
                lsn,
                version,
                checksums,
                lease,
                target::file,
                tools.clock(),
                tools.random(),
                tools.stop(),
                progress,
                tools.onWaiting())) {
            for (final DirectoryValues.ForkSize fork : values.forks) {
                final boolean reset = values.unlogged.contains(fork.relation());
                if (fork.fork() == Fork.INIT) {
                    download.add(fork.relation(), Fork.INIT, Fork.INIT, fork.blocks());
                    download.add(fork.relation(), Fork.INIT, Fork.MAIN, fork.blocks());
                } else if (!reset) {
                    download.add(fork.relation(), fork.fork(), fork.fork(), fork.blocks());
                }
            }
            download.finish();
            return download.bytes();
        }
    }
}
