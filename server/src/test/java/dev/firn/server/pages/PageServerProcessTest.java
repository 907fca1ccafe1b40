package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A system with a page server that follows a real Postgres: pages are what the primary has in its files, a branch is what there was at its
 * LSN, and stock Postgres starts on what is restored, also after the page server was killed.
 */
@Timeout(600)
final class PageServerProcessTest {
    private static final int LIMIT_SECONDS = 120;
    private static final int PAGE_BYTES = 8_192;
    private static final int HINTS = HeapTupleFlags.XMIN_COMMITTED
            | HeapTupleFlags.XMIN_INVALID
            | HeapTupleFlags.XMAX_COMMITTED
            | HeapTupleFlags.XMAX_INVALID;

    @TempDir
    private Path folder;

    private String dir;

    @BeforeEach
    void openFolder() throws IOException {
        // JUnit closes it to others, and Postgres runs as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        dir = folder.resolve("data").toString();
    }

    @Test
    void shouldServePagesBranchesAndRestoresOf17() throws Exception {
        followAndRestore(17);
    }

    @Test
    @Tag("long")
    void shouldServePagesBranchesAndRestoresOf15() throws Exception {
        followAndRestore(15);
    }

    private void followAndRestore(final int major) throws Exception {
        try (PostgresServer postgres = start(major);
                FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--dir", dir)) {
            final URI root = firn.awaitUp();
            postgres.execute("CREATE SCHEMA kept");
            postgres.execute(
                    "CREATE TABLE kept.rows AS SELECT g AS id, repeat('x', 100) AS v FROM generate_series(1, 5000) g");
            attach(postgres);
            postgres.execute("CREATE INDEX ON kept.rows (id)");
            postgres.execute("UPDATE kept.rows SET v = 'changed' WHERE id % 7 = 0");
            final String branchLsn = flushedLsn(postgres);
            postgres.execute("DELETE FROM kept.rows WHERE id > 100");
            postgres.execute("VACUUM kept.rows");
            postgres.execute("CHECKPOINT");
            awaitApplied(root, flushedLsn(postgres));
            assertSamePages(postgres);
            assertServesWithoutItsStore(postgres, root);

            final FirnProcess.Result branch =
                    FirnProcess.run("branch", "create", "dev", "--at", branchLsn, "--dir", dir, "--json");
            assertThat(branch.exitCode()).as(branch.err()).isZero();
            assertThat(branch.json().get("branchLsn").asText()).isEqualTo(branchLsn);
            // It is looked for when it is asked for, not when the page server looks again: that is every two seconds.
            assertThat(branch.json().get("servedSeconds").asDouble()).isLessThan(1.5);
            assertThat(rowsOfRestored("dev", major)).isEqualTo("5000");

            ProcessHandle.of(pidOf("page-server")).orElseThrow().destroyForcibly();
            // It comes up, and opens main before its branch: who asks meanwhile waits for that; who asks for what there
            // is not does not.
            run("page", "--branch", "dev", "--relation", "kept.rows", "--block", "0", "--dir", dir);
            assertRefused(
                    "no timeline with the name none",
                    "page",
                    "--branch",
                    "none",
                    "--relation",
                    "kept.rows",
                    "--block",
                    "0",
                    "--dir",
                    dir);
            postgres.execute("INSERT INTO kept.rows SELECT g, 'late' FROM generate_series(1, 50) g");
            awaitApplied(root, flushedLsn(postgres));
            assertThat(cache(root).path("counters").path("recovered").asLong())
                    .as("blocks of the life before")
                    .isPositive();
            assertThat(rowsOfRestored("main", major)).isEqualTo("150");

            deleteBranches(root, branchLsn);
            assertRefused("there is no branch dev", "branch", "delete", "dev", "--dir", dir);
            assertRefused(
                    "the timeline's history begins at ",
                    "page",
                    "--relation",
                    "kept.rows",
                    "--block",
                    "0",
                    "--at",
                    "0/1000028",
                    "--dir",
                    dir);
            assertRefused("there is no schema none", "page", "--relation", "none.rows", "--block", "0", "--dir", dir);
            firn.signal("TERM");
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
    }

    /** A branch of a branch keeps it; both go with all that they have, are served no more, and their names are free again. */
    private void deleteBranches(final URI root, final String branchLsn) throws Exception {
        run("branch", "create", "deeper", "--from", "dev", "--dir", dir);
        assertRefused("the branch deeper is one of dev: delete it first", "branch", "delete", "dev", "--dir", dir);
        run("branch", "delete", "deeper", "--dir", dir);
        run("branch", "delete", "dev", "--dir", dir);
        assertThat(folder.resolve("data/objects/timelines/dev")).doesNotExist();
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < LIMIT_SECONDS * 5 && isKnown(root, "dev"); i++) {
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        assertThat(isKnown(root, "dev")).isFalse();
        run("branch", "create", "dev", "--at", branchLsn, "--dir", dir);
        run("branch", "delete", "dev", "--dir", dir);
    }

    private static boolean isKnown(final URI root, final String name) throws Exception {
        for (final JsonNode found :
                FirnProcess.json(FirnProcess.get(root.resolve("status"))).path("timelines")) {
            if (found.path("name").asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static void run(final String... command) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(command);
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    private void attach(final PostgresServer postgres) throws Exception {
        final FirnProcess.Result attached =
                FirnProcess.run("attach", "user=postgres host=127.0.0.1 port=" + postgres.port(), "--dir", dir);
        assertThat(attached.exitCode()).as(attached.err()).isZero();
    }

    private PostgresServer start(final int major) throws IOException {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major), folder.resolve("pg" + major)),
                SystemClock.INSTANCE);
        server.init();
        final Path access = server.dataDirectory().resolve("pg_hba.conf");
        Files.writeString(access, """
            local all all trust
            host all postgres 127.0.0.1/32 trust
            host replication postgres 127.0.0.1/32 trust
            """, StandardOpenOption.TRUNCATE_EXISTING);
        server.adopt();
        server.start();
        return server;
    }

    private static String flushedLsn(final PostgresServer postgres) throws Exception {
        return postgres.query("SELECT pg_current_wal_flush_lsn()").getFirst().getFirst();
    }

    /** Of the relation and its index, the first, the last and one between, as the primary has them in its files. */
    private void assertSamePages(final PostgresServer postgres) throws Exception {
        for (final String relation : List.of("rows", "rows_id_idx")) {
            final List<String> row = postgres.query("SELECT pg_relation_filepath('kept." + relation
                            + "'), pg_relation_size('kept." + relation + "') / 8192")
                    .getFirst();
            final Path file = postgres.dataDirectory().resolve(row.get(0));
            final long blocks = Long.parseLong(row.get(1));
            for (final long block : new long[] {0, blocks / 2, blocks - 1}) {
                final Path raw = folder.resolve("raw");
                final FirnProcess.Result page = FirnProcess.run(
                        "page",
                        "--relation",
                        "kept." + relation,
                        "--block",
                        Long.toString(block),
                        "--raw",
                        raw.toString(),
                        "--dir",
                        dir,
                        "--json");
                assertThat(page.exitCode()).as(page.err()).isZero();
                assertThat(page.json().get("blocks").asLong()).isEqualTo(blocks);
                final boolean heap = relation.equals("rows");
                assertThat(masked(Files.readAllBytes(raw), heap))
                        .as("block %d of %s", block, relation)
                        .isEqualTo(masked(block(file, block), heap));
            }
        }
    }

    /** Pages that were read before are answered while the object store is away: the catalog's come from the base backup, through the cache. */
    private void assertServesWithoutItsStore(final PostgresServer postgres, final URI root) throws Exception {
        assertThat(cache(root).path("state").asText()).isEqualTo("on");
        final long misses = cache(root).path("counters").path("misses").asLong();
        assertThat(misses).isPositive();
        final Path objects = Path.of(dir, "objects");
        final Path away = Path.of(dir, "away");
        Files.move(objects, away);
        try {
            assertSamePages(postgres);
        } finally {
            Files.move(away, objects);
        }
        assertThat(cache(root).path("counters").path("hits").asLong()).isPositive();
        assertThat(cache(root).path("counters").path("misses").asLong()).isEqualTo(misses);
        assertThat(FirnProcess.get(root.resolve("metrics")).body())
                .contains(
                        "firn_block_cache_hits_total{node=\"4\"}",
                        "firn_block_cache_up{node=\"4\"} 1.0",
                        "firn_page_debt_bytes{node=\"4\"}",
                        "firn_pages_layer_bytes{kind=\"delta\",timeline=\"main\"}",
                        "firn_pages_layer_bytes{kind=\"image\",timeline=\"main\"}",
                        "firn_pages_forks{timeline=\"main\"}");
    }

    private static JsonNode cache(final URI root) throws Exception {
        return FirnProcess.json(FirnProcess.get(root.resolve("status")))
                .path("pageServers")
                .path(0)
                .path("blockCache");
    }

    /** Without what Postgres changes and does not log: hints, in the header and of tuples, and whatever is in the hole. */
    private static byte[] masked(final byte[] bytes, final boolean heap) {
        final PageFlyweight page = new PageFlyweight().wrap(MemorySegment.ofArray(bytes), 0);
        page.checksum(0);
        page.pruneXid(0);
        page.clearFlag(PageLayout.HAS_FREE_LINES);
        page.clearFlag(PageLayout.PAGE_FULL);
        Arrays.fill(bytes, page.lower(), page.upper(), (byte) 0);
        final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
        for (int number = 1; heap && number <= page.linePointerCount(); number++) {
            if (LinePointer.state(page.linePointer(number)) == LinePointer.NORMAL) {
                tuple.wrap(page, number);
                tuple.infomask(tuple.infomask() & ~HINTS);
            }
        }
        return bytes;
    }

    private static byte[] block(final Path file, final long block) throws IOException {
        final ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            assertThat(channel.read(page, block * PAGE_BYTES)).isEqualTo(PAGE_BYTES);
        }
        return page.array();
    }

    private String rowsOfRestored(final String branch, final int major) throws Exception {
        final PostgresServer restored = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major),
                        folder.resolve("restored-" + branch)),
                SystemClock.INSTANCE);
        final FirnProcess.Result result = FirnProcess.run(
                "restore", "--branch", branch, "--to", restored.dataDirectory().toString(), "--dir", dir, "--json");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.json().get("postgresMajor").asInt()).isEqualTo(major);
        try (restored) {
            restored.adopt();
            restored.start();
            return restored.query("SELECT count(*) FROM kept.rows").getFirst().getFirst();
        }
    }

    private static void assertRefused(final String reason, final String... command) throws Exception {
        final FirnProcess.Result refused = FirnProcess.run(command);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
        assertThat(refused.err()).startsWith("firn: ").contains(reason).hasLineCount(1);
    }

    private long pidOf(final String role) throws IOException {
        return new ObjectMapper()
                .readTree(Files.readString(Path.of(dir, role, "role.json")))
                .get("pid")
                .asLong();
    }

    private static void awaitApplied(final URI root, final String lsn) throws Exception {
        final Semaphore never = new Semaphore(0);
        JsonNode timeline = null;
        for (int i = 0; i < LIMIT_SECONDS * 5; i++) {
            for (final JsonNode found :
                    FirnProcess.json(FirnProcess.get(root.resolve("status"))).path("timelines")) {
                if (found.path("name").asText().equals("main")) {
                    timeline = found;
                    if (found.path("appliedLsn").isTextual()
                            && Lsn.parse(found.path("appliedLsn").asText()) >= Lsn.parse(lsn)) {
                        return;
                    }
                }
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never applied " + lsn + ": " + timeline);
    }
}
