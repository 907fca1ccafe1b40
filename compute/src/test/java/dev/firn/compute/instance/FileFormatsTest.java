package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.file.ClusterState;
import dev.firn.postgres.file.CommitTimestamps;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.MultiXactMembers;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Firn's reading and writing of Postgres' other files, against what Postgres itself says and takes. */
final class FileFormatsTest {
    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldReadTheControlFileAsPostgresDoes(final int major) throws Exception {
        try (PostgresServer server = started(major)) {
            server.execute("CHECKPOINT");
            final List<String> system = row(
                    server,
                    "SELECT system_identifier, pg_control_version, catalog_version_no,"
                            + " extract(epoch FROM pg_control_last_modified)::bigint FROM pg_control_system()");
            final List<String> checkpoint = row(
                    server,
                    "SELECT checkpoint_lsn, redo_lsn, timeline_id, prev_timeline_id,"
                            + " full_page_writes, next_xid, next_oid, next_multixact_id, next_multi_offset, oldest_xid, oldest_xid_dbid,"
                            + " oldest_active_xid, oldest_multi_xid, oldest_multi_dbid, oldest_commit_ts_xid, newest_commit_ts_xid,"
                            + " extract(epoch FROM checkpoint_time)::bigint FROM pg_control_checkpoint()");
            final List<String> recovery = row(
                    server,
                    "SELECT min_recovery_end_lsn, min_recovery_end_timeline, backup_start_lsn,"
                            + " backup_end_lsn, end_of_backup_record_required FROM pg_control_recovery()");
            final List<String> init = row(
                    server,
                    "SELECT blocks_per_segment, wal_block_size, bytes_per_wal_segment,"
                            + " max_identifier_length, max_index_columns, max_toast_chunk_size, large_object_chunk_size,"
                            + " data_page_checksum_version FROM pg_control_init()");
            final List<String> settings = row(
                    server,
                    "SELECT "
                            + Stream.of(
                                            "max_connections",
                                            "max_worker_processes",
                                            "max_wal_senders",
                                            "max_prepared_transactions",
                                            "max_locks_per_transaction")
                                    .map(setting -> "current_setting('" + setting + "')")
                                    .collect(Collectors.joining(", ")));
            try (DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                final ControlFile control = new ControlFile().wrap(directory.read(ControlFile.PATH), 0);
                final Checkpoint last = control.checkpoint();
                assertThat(control.version()).isSameAs(PostgresVersion.ofMajor(major));
                assertThat(control.state()).isSameAs(ClusterState.IN_PRODUCTION);
                assertThat(text(
                                control.systemIdentifier(),
                                control.version().controlVersion(),
                                control.version().catalogVersion(),
                                control.time()))
                        .isEqualTo(system);
                assertThat(text(
                                Lsn.format(control.checkpointLsn()),
                                Lsn.format(last.redo()),
                                last.timeline(),
                                last.previousTimeline(),
                                last.fullPageWrites() ? "t" : "f",
                                (last.nextXid() >>> 32) + ":" + (int) last.nextXid(),
                                last.nextOid(),
                                last.nextMulti(),
                                last.nextMultiOffset(),
                                last.oldestXid(),
                                last.oldestXidDatabase(),
                                last.oldestActiveXid(),
                                last.oldestMulti(),
                                last.oldestMultiDatabase(),
                                last.oldestCommitTsXid(),
                                last.newestCommitTsXid(),
                                last.time()))
                        .isEqualTo(checkpoint);
                assertThat(text(
                                Lsn.format(control.minRecoveryPoint()),
                                control.minRecoveryPointTimeline(),
                                Lsn.format(control.backupStartPoint()),
                                Lsn.format(control.backupEndPoint()),
                                control.backupEndRequired() ? "t" : "f"))
                        .isEqualTo(recovery);
                assertThat(text(
                                control.relationSegmentBlocks(),
                                control.walBlockBytes(),
                                control.walSegmentBytes(),
                                control.maxIdentifierBytes(),
                                control.maxIndexColumns(),
                                control.maxToastChunkBytes(),
                                control.largeObjectChunkBytes(),
                                control.dataChecksumVersion()))
                        .isEqualTo(init);
                assertThat(text(
                                control.maxConnections(),
                                control.maxWorkerProcesses(),
                                control.maxWalSenders(),
                                control.maxPreparedTransactions(),
                                control.maxLocksPerTransaction()))
                        .isEqualTo(settings);
                assertThat(control.trackCommitTimestamp()).isTrue();
                assertThat(control.walLogHints()).isTrue();
                assertThat(control.walLevel()).isEqualTo(2);
                if (last.hasWalLevel()) {
                    assertThat(last.walLevel()).isEqualTo(2);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldStartOnAControlFileThatFirnWroteFromNothing(final int major) throws Exception {
        try (PostgresServer server = started(major)) {
            server.execute("CREATE TABLE t AS SELECT generate_series(1, 100) AS i");
            server.stop(StopMode.FAST);
            try (DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                final MemorySegment old = directory.read(ControlFile.PATH);
                final MemorySegment made = directory.allocate(ControlFile.FILE_BYTES);
                final ControlFile source = new ControlFile().wrap(old, 0);
                assertThat(source.state()).isSameAs(ClusterState.SHUT_DOWN);
                final ControlFile target = new ControlFile().wrapNew(source.version(), made, 0);
                copy(source, target);
                target.seal();
                assertThat(made.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(old.toArray(ValueLayout.JAVA_BYTE));
                target.time(source.time() + 1);
                target.checkpoint().nextOid(source.checkpoint().nextOid() + 50_000);
                target.seal();
                // In place, so that the file stays the unprivileged user's.
                Files.write(
                        directory.path(ControlFile.PATH),
                        made.toArray(ValueLayout.JAVA_BYTE),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SYNC);
            }
            server.start();
            assertThat(row(server, "SELECT count(*) FROM t")).containsExactly("100");
            assertThat(row(server, "SELECT next_oid::bigint > 60000 FROM pg_control_checkpoint()"))
                    .containsExactly("t");
            if (server.config().binaries().has("pg_controldata")) {
                assertThat(server.run(
                                        "pg_controldata",
                                        "-D",
                                        server.dataDirectory().toString())
                                .output())
                        .doesNotContain("WARNING")
                        .contains("in production");
            }
        }
    }

    private static void copy(final ControlFile source, final ControlFile target) {
        final MemorySegment nonce = MemorySegment.ofArray(new byte[ControlFile.NONCE_BYTES]);
        source.copyNonceTo(nonce, 0);
        target.copyNonceFrom(nonce, 0);
        target.systemIdentifier(source.systemIdentifier());
        target.state(source.state());
        target.time(source.time());
        target.checkpointLsn(source.checkpointLsn());
        target.unloggedLsn(source.unloggedLsn());
        target.minRecoveryPoint(source.minRecoveryPoint());
        target.minRecoveryPointTimeline(source.minRecoveryPointTimeline());
        target.backupStartPoint(source.backupStartPoint());
        target.backupEndPoint(source.backupEndPoint());
        target.backupEndRequired(source.backupEndRequired());
        target.walLevel(source.walLevel());
        target.walLogHints(source.walLogHints());
        target.maxConnections(source.maxConnections());
        target.maxWorkerProcesses(source.maxWorkerProcesses());
        target.maxWalSenders(source.maxWalSenders());
        target.maxPreparedTransactions(source.maxPreparedTransactions());
        target.maxLocksPerTransaction(source.maxLocksPerTransaction());
        target.trackCommitTimestamp(source.trackCommitTimestamp());
        target.dataChecksumVersion(source.dataChecksumVersion());
        copy(source.checkpoint(), target.checkpoint());
    }

    private static void copy(final Checkpoint source, final Checkpoint target) {
        target.redo(source.redo());
        target.timeline(source.timeline());
        target.previousTimeline(source.previousTimeline());
        target.fullPageWrites(source.fullPageWrites());
        if (source.hasWalLevel()) {
            target.walLevel(source.walLevel());
        }
        target.nextXid(source.nextXid());
        target.nextOid(source.nextOid());
        target.nextMulti(source.nextMulti());
        target.nextMultiOffset(source.nextMultiOffset());
        target.oldestXid(source.oldestXid());
        target.oldestXidDatabase(source.oldestXidDatabase());
        target.oldestMulti(source.oldestMulti());
        target.oldestMultiDatabase(source.oldestMultiDatabase());
        target.time(source.time());
        target.oldestCommitTsXid(source.oldestCommitTsXid());
        target.newestCommitTsXid(source.newestCommitTsXid());
        target.oldestActiveXid(source.oldestActiveXid());
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldFindTheFilesOfMappedCatalogs(final int major) throws Exception {
        final PostgresVersion version = PostgresVersion.ofMajor(major);
        try (PostgresServer server = started(major)) {
            server.execute("VACUUM FULL pg_class");
            final String database = row(server, "SELECT oid FROM pg_database WHERE datname = current_database()")
                    .getFirst();
            final List<List<String>> mapped =
                    server.query("SELECT oid, relisshared, pg_relation_filenode(oid) FROM pg_class"
                            + " WHERE relfilenode = 0 AND relkind IN ('r', 'i', 't')");
            try (DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                final MemorySegment shared = directory.read("global/" + RelationMap.FILE_NAME);
                assertThat(shared.byteSize()).isEqualTo(version.relationMapBytes());
                final RelationMap global = new RelationMap().wrap(version, shared, 0);
                final RelationMap local = new RelationMap()
                        .wrap(version, directory.read("base/" + database + "/" + RelationMap.FILE_NAME), 0);
                assertThat(global.count() + local.count()).isEqualTo(mapped.size());
                for (final List<String> row : mapped) {
                    final RelationMap map = row.get(1).equals("t") ? global : local;
                    assertThat(map.find(Integer.parseInt(row.get(0))))
                            .as("catalog %s", row)
                            .isEqualTo(Integer.parseInt(row.get(2)));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldReadTransactionsAsPostgresDoes(final int major) throws Exception {
        try (PostgresServer server = started(major)) {
            server.execute("CREATE EXTENSION pageinspect; CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
            final List<Integer> committed = new ArrayList<>();
            final int aborted;
            final List<List<String>> members;
            final int multi;
            try (Connection first = server.connect();
                    Connection second = server.connect()) {
                for (int i = 0; i < 10; i++) {
                    committed.add(Integer.parseInt(one(first, "SELECT pg_current_xact_id()")));
                }
                first.setAutoCommit(false);
                aborted = Integer.parseInt(one(first, "SELECT pg_current_xact_id()"));
                first.rollback();
                second.setAutoCommit(false);
                one(first, "SELECT i FROM t FOR SHARE");
                one(second, "SELECT i FROM t FOR KEY SHARE");
                multi = Integer.parseInt(row(server, "SELECT t_xmax FROM heap_page_items(get_raw_page('t', 0))")
                        .getFirst());
                members = server.query("SELECT xid, mode FROM pg_get_multixact_members('" + multi + "')");
                first.commit();
                second.commit();
                first.setAutoCommit(true);
                try (Statement statement = first.createStatement()) {
                    statement.execute("BEGIN; CREATE TABLE dropped (i int); SAVEPOINT s; INSERT INTO t VALUES (2);"
                            + " RELEASE s; PREPARE TRANSACTION 'firn prepared'");
                }
            }
            server.execute("CHECKPOINT");
            final List<List<String>> times =
                    server.query("SELECT xid, (extract(epoch FROM pg_xact_commit_timestamp(xid::text::xid)"
                            + " - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint FROM unnest(ARRAY"
                            + committed + ") xid");
            final List<String> prepared = row(
                    server,
                    "SELECT transaction, gid, (extract(epoch FROM prepared"
                            + " - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint FROM pg_prepared_xacts");
            for (final int xid : committed) {
                assertThat(row(server, "SELECT pg_xact_status('" + xid + "')")).containsExactly("committed");
            }
            assertThat(row(server, "SELECT pg_xact_status('" + aborted + "')")).containsExactly("aborted");
            server.stop(StopMode.FAST);
            try (DataDirectory directory = new DataDirectory(server.dataDirectory())) {
                for (final int xid : committed) {
                    assertThat(status(directory, xid)).isEqualTo(TransactionStatus.COMMITTED);
                }
                assertThat(status(directory, aborted)).isEqualTo(TransactionStatus.ABORTED);
                for (final List<String> row : times) {
                    final int xid = Integer.parseInt(row.getFirst());
                    assertThat(CommitTimestamps.time(page(directory, Slru.COMMIT_TS, xid), 0, xid) + "")
                            .isEqualTo(row.getLast());
                }
                assertThat(members(directory, multi)).isEqualTo(members);
                expectPrepared(directory, prepared);
            }
            server.start();
            server.execute("ROLLBACK PREPARED 'firn prepared'");
        }
    }

    private static void expectPrepared(final DataDirectory directory, final List<String> prepared) throws IOException {
        final List<Path> states;
        try (Stream<Path> files = Files.list(directory.path("pg_twophase"))) {
            states = files.toList();
        }
        assertThat(states).hasSize(1);
        final MemorySegment bytes =
                directory.read("pg_twophase/" + states.getFirst().getFileName());
        final TwoPhaseFile state = new TwoPhaseFile().wrapFile(bytes, 0, bytes.byteSize());
        assertThat(text(state.xid(), state.name(), state.preparedAt())).isEqualTo(prepared);
        assertThat(state.subtransactionCount()).isEqualTo(1);
        assertThat(state.abortRelationCount()).isEqualTo(1);
        assertThat(state.recordsOffset()).isLessThan(state.recordsEnd());
        // The first of the resource managers' records is a lock.
        assertThat(LittleEndian.getUnsignedByte(bytes, state.recordsOffset() + 4))
                .isEqualTo(1);
        assertThat(status(directory, state.xid())).isEqualTo(TransactionStatus.IN_PROGRESS);
        final int child = state.subtransaction(0);
        assertThat(LittleEndian.getInt(page(directory, Slru.SUBTRANS, child), 4L * Slru.SUBTRANS.entry(child)))
                .isEqualTo(state.xid());
    }

    private static List<List<String>> members(final DataDirectory directory, final int multi) throws IOException {
        final int begin = LittleEndian.getInt(
                page(directory, Slru.MULTIXACT_OFFSETS, multi), 4L * Slru.MULTIXACT_OFFSETS.entry(multi));
        final List<List<String>> members = new ArrayList<>();
        for (int offset = begin; offset < begin + 2; offset++) {
            final MemorySegment page = page(directory, Slru.MULTIXACT_MEMBERS, offset);
            members.add(List.of(
                    MultiXactMembers.xid(page, 0, offset) + "",
                    List.of("keysh", "sh", "fornokeyupd", "forupd", "nokeyupd", "upd")
                            .get(MultiXactMembers.status(page, 0, offset))));
        }
        return members;
    }

    private static int status(final DataDirectory directory, final int xid) throws IOException {
        return TransactionStatus.get(page(directory, Slru.XACT, xid), 0, xid);
    }

    private static MemorySegment page(final DataDirectory directory, final Slru slru, final int id) throws IOException {
        final int page = slru.page(id);
        return directory.read(slru.path(slru.segment(page))).asSlice(slru.offsetInSegment(page), 8192);
    }

    private PostgresServer started(final int major) {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(temporary, "server"))
                        .with("autovacuum", "off")
                        .with("track_commit_timestamp", "on")
                        .with("wal_log_hints", "on")
                        .with("wal_level", "logical")
                        .with("max_connections", "37")
                        .with("max_prepared_transactions", "5"),
                SystemClock.INSTANCE);
        server.init();
        server.start();
        return server;
    }

    private static List<String> row(final PostgresServer server, final String sql) throws SQLException {
        return server.query(sql).getFirst();
    }

    private static String one(final Connection connection, final String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private static List<String> text(final Object... values) {
        return Stream.of(values).map(Object::toString).toList();
    }
}
