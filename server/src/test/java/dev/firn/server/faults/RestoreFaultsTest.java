package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.instance.PostgresServer;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A restore of some hundred megabytes while page server and WAL nodes are killed: it writes what one does that nothing happens to. */
@Tag("long")
@Timeout(900)
final class RestoreFaultsTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int ROWS = 1_500_000;

    /** Of what is restored: so much is there when it is in the midst of its work. */
    private static final long MIDST_BYTES = 24L << 20;

    /** Says when it was written. */
    private static final String WITH_THE_TIME = "data/global/pg_control";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldWriteTheSameWhenPageServerAndWalNodesAreKilled(final int major) throws Exception {
        try (FollowedPostgres postgres = FollowedPostgres.start(folder, major);
                FaultedSystem system = FaultedSystem.attach(postgres, folder.resolve("data"))) {
            final PostgresServer server = postgres.server();
            server.execute("CREATE TABLE large AS SELECT i AS id, md5(i::text) AS hash, repeat('x', i % 80) AS filler"
                    + " FROM generate_series(1, " + ROWS + ") i");
            server.execute("CREATE UNIQUE INDEX large_id ON large (id)");
            server.execute("DELETE FROM large WHERE id % 50 = 0");
            system.awaitWhole(LIMIT, "at the start");
            final String lsn = server.query("SELECT pg_current_wal_flush_lsn()::text")
                    .getFirst()
                    .getFirst();
            final String sum = sum(server);
            server.execute("TRUNCATE large");
            final FirnProcess.Result calm = restore(system, lsn, "calm").awaitEnd();
            assertThat(calm.exitCode()).as(calm.err()).isZero();

            try (FirnProcess restore = restore(system, lsn, "disturbed")) {
                written("disturbed").awaitBytes(restore, MIDST_BYTES, LIMIT);
                system.killAgain(Part.PAGE_SERVER, LIMIT);
                system.kill(Part.WAL_NODE_1);
                written("disturbed").awaitBytes(restore, 2 * MIDST_BYTES, LIMIT);
                system.killAgain(Part.PAGE_SERVER, LIMIT);
                system.kill(Part.WAL_NODE_2);
                final FirnProcess.Result disturbed = restore.awaitEnd();
                assertThat(disturbed.exitCode()).as(disturbed.err()).isZero();
                assertThat(disturbed.err()).contains("the page server does not answer; it is waited for");
            }
            written("disturbed").requireSameAs(written("calm"), Set.of(WITH_THE_TIME));
            try (PostgresServer restored = postgres.restoredIn(folder.resolve("disturbed"))) {
                assertThat(sum(restored)).isEqualTo(sum);
            }
            system.awaitWhole(LIMIT, "after the restore");
        }
    }

    /** Pages are written about in their order, so that a file is as long as what is there of it. */
    private WrittenFiles written(final String to) {
        return new WrittenFiles(folder.resolve(to));
    }

    private static String sum(final PostgresServer server) throws Exception {
        return server.query("SELECT count(*) || ' ' || sum(hashtext(large::text)::bigint) FROM large")
                .getFirst()
                .getFirst();
    }

    private FirnProcess restore(final FaultedSystem system, final String lsn, final String to) throws IOException {
        return FirnProcess.start(
                "restore",
                "--branch",
                "main",
                "--at",
                lsn,
                "--to",
                Files.createDirectory(folder.resolve(to)).resolve("data").toString(),
                "--dir",
                system.dir().toString());
    }
}
