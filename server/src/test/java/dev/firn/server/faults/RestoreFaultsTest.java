package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.instance.PostgresServer;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
    private static final int LOOK_MS = 20;

    /** Of what is restored: so much is there when it is in the midst of its work. */
    private static final long MIDST_BYTES = 24L << 20;

    /** Says when it was written. */
    private static final String WITH_THE_TIME = "data/global/pg_control";

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);

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
                awaitMidst(restore, "disturbed", MIDST_BYTES);
                system.killAgain(Part.PAGE_SERVER, LIMIT);
                system.kill(Part.WAL_NODE_1);
                awaitMidst(restore, "disturbed", 2 * MIDST_BYTES);
                system.killAgain(Part.PAGE_SERVER, LIMIT);
                system.kill(Part.WAL_NODE_2);
                final FirnProcess.Result disturbed = restore.awaitEnd();
                assertThat(disturbed.exitCode()).as(disturbed.err()).isZero();
                assertThat(disturbed.err()).contains("the page server does not answer; it is waited for");
            }
            assertAlike(files("calm"), files("disturbed"));
            try (PostgresServer restored = postgres.restoredIn(folder.resolve("disturbed"))) {
                assertThat(sum(restored)).isEqualTo(sum);
            }
            system.awaitWhole(LIMIT, "after the restore");
        }
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

    private void awaitMidst(final FirnProcess restore, final String to, final long bytes) throws Exception {
        for (int i = 0; i < LIMIT.toMillis() / LOOK_MS; i++) {
            long found = 0;
            for (final Path file : files(to).values()) {
                found += written(file);
            }
            if (found >= bytes) {
                return;
            }
            assertThat(restore.process().isAlive())
                    .as("it goes on: %s", restore.err())
                    .isTrue();
            assertThat(never.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("it comes to nothing: " + restore.err());
    }

    /** Pages are written about in their order, so that a file is as long as what is there of it. */
    private static long written(final Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (final NoSuchFileException e) {
            return 0;
        }
    }

    private static void assertAlike(final Map<String, Path> one, final Map<String, Path> other) {
        assertThat(other.keySet()).isEqualTo(one.keySet());
        for (final Map.Entry<String, Path> file : other.entrySet()) {
            if (file.getKey().equals(WITH_THE_TIME)) {
                continue;
            }
            assertThat(file.getValue()).as(file.getKey()).hasSameBinaryContentAs(one.get(file.getKey()));
        }
    }

    private Map<String, Path> files(final String below) throws IOException {
        final Path root = folder.resolve(below);
        final Map<String, Path> files = new TreeMap<>();
        if (Files.exists(root)) {
            final List<Path> found = new ArrayList<>();
            try (Stream<Path> all = Files.walk(root)) {
                all.filter(Files::isRegularFile).forEach(found::add);
            }
            found.forEach(file -> files.put(root.relativize(file).toString(), file));
        }
        return files;
    }
}
