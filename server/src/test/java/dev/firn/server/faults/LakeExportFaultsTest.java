package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exports of some hundred megabytes from a system whose processes are killed meanwhile, that are killed themselves, and that find their disk full.
 * What an export that nothing happens to has written is what all others must.
 */
@Tag("long")
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LakeExportFaultsTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int ROWS = 1_300_000;
    private static final String UNFINISHED = ".unfinished";

    /** Of the export's files: so much is there when it is in the midst of its work. */
    private static final long MIDST_BYTES = 4L << 20;

    /** Longer than a page server is waited for by those who have nothing to lose. */
    private static final int AWAY_MS = 25_000;

    private static final int DISK_MIB = 12;

    private final Semaphore never = new Semaphore(0);

    private Path folder;
    private FollowedPostgres postgres;
    private FaultedSystem system;
    private String lsn;

    /** By path, of the export that nothing happened to. */
    private Map<String, Path> calm;

    @BeforeAll
    void exportInPeace(@TempDir final Path shared) throws Exception {
        folder = shared;
        postgres = FollowedPostgres.start(folder, 17);
        postgres.server()
                .execute("CREATE TABLE large AS SELECT i AS id, i % 97 AS kind, md5(i::text) AS hash, i / 7.0 AS part,"
                        + " now() + i * interval '1 s' AS at, repeat('x', i % 80) AS filler FROM generate_series(1, "
                        + ROWS + ") i");
        postgres.server()
                .execute("CREATE TABLE longs AS SELECT i AS id, (SELECT string_agg(md5((i * j)::text), '') FROM"
                        + " generate_series(1, 300) j) AS t FROM generate_series(1, 4000) i");
        postgres.server().execute("DELETE FROM large WHERE id % 50 = 0");
        postgres.server().execute("VACUUM FREEZE longs; CHECKPOINT");
        system = FaultedSystem.attach(postgres, folder.resolve("data"));
        system.awaitWhole(LIMIT, "at the start");
        lsn = postgres.server()
                .query("SELECT pg_current_wal_flush_lsn()::text")
                .getFirst()
                .getFirst();
        final FirnProcess.Result result = export("calm").awaitEnd();
        assertThat(result.exitCode()).as(result.err()).isZero();
        calm = written("calm").now();
        assertThat(calm.keySet()).hasSizeGreaterThan(6).noneMatch(file -> file.endsWith(UNFINISHED));
    }

    @AfterAll
    void stop() throws Exception {
        if (system != null) {
            system.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void shouldGoOnWhenPageServerAndWalNodesAreKilled() throws Exception {
        try (FirnProcess export = export("disturbed")) {
            written("disturbed").awaitBytes(export, MIDST_BYTES, LIMIT);
            system.killAgain(Part.PAGE_SERVER, LIMIT);
            system.kill(Part.WAL_NODE_1);
            written("disturbed").awaitBytes(export, 2 * MIDST_BYTES, LIMIT);
            system.killAgain(Part.PAGE_SERVER, LIMIT);
            system.kill(Part.WAL_NODE_2);
            final FirnProcess.Result result = export.awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isZero();
        }
        assertAsInPeace("disturbed");
        system.awaitWhole(LIMIT, "after the export");
    }

    @Test
    void shouldVerifyThoughThePageServerIsAwayForLong() throws Exception {
        try (FirnProcess verify = FirnProcess.start(
                "lake", "verify", "--dir", system.dir().toString(), "--from", path("calm"), "--json")) {
            awaitOpen(verify, "public.large");
            system.freezeSupervisor();
            try {
                system.killAgain(Part.PAGE_SERVER, LIMIT);
                assertThat(verify.process().waitFor(AWAY_MS, TimeUnit.MILLISECONDS))
                        .as("it waits: %s", verify.err())
                        .isFalse();
            } finally {
                system.thawSupervisor();
            }
            final FirnProcess.Result result = verify.awaitEnd();
            assertThat(result.exitCode()).as(result.err() + result.out()).isZero();
            assertThat(result.err()).contains("the page server does not answer; it is waited for");
            assertThat(result.json().path("mismatches").asInt()).isZero();
            assertThat(result.json().path("pages").asInt()).isGreaterThan(10_000);
        }
        system.awaitWhole(LIMIT, "after the verification");
    }

    @Test
    void shouldLeaveNothingThatLooksWholeWhenItIsKilled() throws Exception {
        try (FirnProcess export = export("killed")) {
            written("killed").awaitBytes(export, MIDST_BYTES, LIMIT);
            export.process().destroyForcibly().waitFor();
        }
        final Map<String, Path> left = written("killed").now();
        assertThat(left.keySet()).anyMatch(file -> file.endsWith(UNFINISHED));
        for (final Map.Entry<String, Path> file : left.entrySet()) {
            if (!file.getKey().endsWith(UNFINISHED)) {
                assertThat(file.getValue()).hasSameBinaryContentAs(calm.get(file.getKey()));
            }
        }
        final FirnProcess.Result verified =
                FirnProcess.run("lake", "verify", "--dir", system.dir().toString(), "--from", path("killed"));
        assertThat(verified.exitCode()).as(verified.err()).isEqualTo(1);
        final FirnProcess.Result again = export("killed").awaitEnd();
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).hasLineCount(1).contains("holds what an export that was killed has left: remove it");
        assertThat(written("killed").now().keySet()).isEqualTo(left.keySet());
        FaultedSystem.delete(folder.resolve("killed"));
        final FirnProcess.Result anew = export("killed").awaitEnd();
        assertThat(anew.exitCode()).as(anew.err()).isZero();
        assertAsInPeace("killed");
    }

    @Test
    void shouldSayThatTheDiskIsFullAndRemoveWhatItBegan() throws Exception {
        assumeThat(UnprivilegedUser.find().dropping())
                .as("skipped: a file system is mounted by root, and this test is not run by root")
                .isTrue();
        final Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeThat(FullDiskTest.run(
                        "mount", "-t", "tmpfs", "-o", "mode=0755,size=" + DISK_MIB + "m", "firn-test", disk.toString()))
                .as("skipped: this host lets nobody mount a tmpfs")
                .isTrue();
        try {
            Files.writeString(disk.resolve("other"), "of somebody else");
            final FirnProcess.Result result = export("disk").awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
            assertThat(result.err().lines().filter(line -> !line.startsWith("firn: export of main: [")))
                    .singleElement()
                    .asString()
                    .startsWith("firn: cannot write " + disk)
                    .contains("No space left on device");
            assertThat(written("disk").now().keySet()).containsExactly("other");
        } finally {
            assertThat(FullDiskTest.run("umount", disk.toString())).isTrue();
        }
    }

    private FirnProcess export(final String to) throws IOException {
        return FirnProcess.start(
                "lake",
                "export",
                "--dir",
                system.dir().toString(),
                "--at",
                lsn,
                "--workers",
                "2",
                "--memory-mib",
                "160",
                "--to",
                path(to));
    }

    private String path(final String name) {
        return folder.resolve(name).toString();
    }

    /** Waits until a process has a file open, or mapped, whose path has these words. */
    private void awaitOpen(final FirnProcess process, final String words) throws Exception {
        final Path maps = Path.of("/proc", String.valueOf(process.process().pid()), "maps");
        final Path descriptors = maps.resolveSibling("fd");
        for (int i = 0; i < LIMIT.toMillis() / 20; i++) {
            assertThat(process.process().isAlive())
                    .as("it goes on: %s", process.err())
                    .isTrue();
            if (Files.readString(maps).contains(words)) {
                return;
            }
            try (Stream<Path> open = Files.list(descriptors)) {
                for (final Path one : open.toList()) {
                    if (target(one).contains(words)) {
                        return;
                    }
                }
            }
            pause();
        }
        throw new AssertionError("it never opens " + words);
    }

    private static String target(final Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (final NoSuchFileException e) {
            // Closed meanwhile.
            return "";
        }
    }

    private void pause() throws InterruptedException {
        assertThat(never.tryAcquire(20, TimeUnit.MILLISECONDS)).isFalse();
    }

    private void assertAsInPeace(final String to) throws IOException {
        written(to).requireSameAs(written("calm"), Set.of());
    }

    private WrittenFiles written(final String to) {
        return new WrittenFiles(folder.resolve(to));
    }
}
