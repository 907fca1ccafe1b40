package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.StopMode;
import dev.firn.server.FirnProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be followed is refused in one sentence, nothing of it is left, and what is followed already stays as it is. */
@Timeout(600)
class BadPrimaryTest {
    private static final int MAJOR = 17;
    private static final long LIMIT_SECONDS = 120;

    @TempDir
    private Path folder;

    private String dir;
    private URI root;

    @Test
    void shouldRefuseOtherVersionsAndAnotherClustersName() throws Exception {
        try (FollowedPostgres postgres = FollowedPostgres.start(folder, MAJOR);
                FirnProcess firn = up()) {
            for (final String version : List.of("13.23", "16.15", "18.1")) {
                try (OtherVersionServer server = new OtherVersionServer(version)) {
                    assertRefused("host=127.0.0.1 user=postgres port=" + server.port(), "main")
                            .contains("is version " + version)
                            .contains("Firn follows 15 and 17");
                }
            }
            attach(postgres.conninfo());
            detach();
            final Path entry = folder.resolve("data/objects/timelines/main/timeline.json");
            final byte[] before = Files.readAllBytes(entry);
            try (PostgresServer other = postgres.another(folder.resolve("other"))) {
                assertRefused("host=127.0.0.1 user=postgres port=" + other.port(), "main")
                        .contains("is another cluster, with system identifier")
                        .contains("or attach this one under another name");
                assertThat(other.query("SELECT slot_name FROM pg_replication_slots"))
                        .isEmpty();
            }
            assertThat(entry).hasBinaryContent(before);
            attach(postgres.conninfo());
            assertStoreNeeded(postgres);
            assertThat(firn.process().isAlive()).isTrue();
        }
    }

    /** A store that is lost when somebody attaches: a sentence, and nothing on the primary. */
    private void assertStoreNeeded(final FollowedPostgres postgres) throws Exception {
        detach();
        final Path objects = folder.resolve("data/objects");
        final Path away = folder.resolve("data/objects-away");
        Files.move(objects, away);
        Files.writeString(objects, "in the way");
        final FirnProcess.Result refused = FirnProcess.run("attach", postgres.conninfo(), "--dir", dir);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("firn: ")
                .contains(objects.toString())
                .hasLineCount(1);
        assertThat(postgres.server().query("SELECT slot_name FROM pg_replication_slots"))
                .isEmpty();
        Files.delete(objects);
        Files.move(away, objects);
        // The store is asked first, so that nothing is begun that would have to be let go of.
        attach(postgres.conninfo());
    }

    /** Takes a minute or more: what needs somebody's help is looked at again every half minute only. */
    @Test
    @Tag("long")
    void shouldNotFollowAnOlderOrAnotherServerBehindTheSameAddress() throws Exception {
        try (FollowedPostgres postgres = FollowedPostgres.start(folder, MAJOR);
                FirnProcess firn = up()) {
            attach(postgres.conninfo());
            postgres.server().stop(StopMode.FAST);
            final Path copy = Files.createDirectories(folder.resolve("older")).resolve("data");
            Evidence.copy(postgres.server().dataDirectory(), copy);
            postgres.server().start();
            awaitReceiver(its -> its.path("state").asText().equals("streaming"));
            postgres.makeCommitsWait();
            postgres.server().execute("INSERT INTO acked SELECT generate_series(1, 1000)");
            final String committed = timeline().path("commitLsn").asText();
            postgres.server().execute("ALTER SYSTEM RESET synchronous_standby_names");
            postgres.server().stop(StopMode.FAST);

            Files.createFile(copy.resolve("standby.signal"));
            try (PostgresServer older = postgres.inItsPlace(folder.resolve("older"))) {
                older.adopt();
                older.start();
                older.promote();
                awaitError("what was acknowledged is missing on that server");
            }
            try (PostgresServer another = postgres.inItsPlace(folder.resolve("another"))) {
                another.init();
                another.start();
                awaitError("is another cluster, with system identifier");
                assertThat(another.query("SELECT slot_name FROM pg_replication_slots"))
                        .isEmpty();
                assertThat(timeline().path("commitLsn").asText()).isGreaterThanOrEqualTo(committed);
            }
            postgres.server().start();
            awaitReceiver(its -> its.path("state").asText().equals("streaming"));
            postgres.makeCommitsWait();
            postgres.server().execute("INSERT INTO acked VALUES (1001)");
            assertThat(firn.process().isAlive()).isTrue();
        }
    }

    private FirnProcess up() throws Exception {
        dir = folder.resolve("data").toString();
        final FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir);
        root = firn.awaitUp();
        return firn;
    }

    private void attach(final String conninfo) throws Exception {
        final FirnProcess.Result attached = FirnProcess.run("attach", conninfo, "--dir", dir);
        assertThat(attached.exitCode()).as(attached.err()).isZero();
    }

    private void detach() throws Exception {
        final FirnProcess.Result detached = FirnProcess.run("detach", "main", "--dir", dir);
        assertThat(detached.exitCode()).as(detached.err()).isZero();
    }

    private AbstractStringAssert<?> assertRefused(final String conninfo, final String name) throws Exception {
        final FirnProcess.Result refused = FirnProcess.run("attach", conninfo, "--name", name, "--dir", dir);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
        assertThat(folder.resolve("data/attachments/" + name)).doesNotExist();
        return assertThat(refused.err()).startsWith("firn: ").hasLineCount(1);
    }

    private void awaitError(final String sentence) throws Exception {
        final JsonNode receiver =
                awaitReceiver(its -> its.path("lastError").asText().contains(sentence));
        assertThat(receiver.path("state").asText()).isIn("failed", "reconnecting");
    }

    private JsonNode timeline() throws Exception {
        return FirnProcess.json(FirnProcess.get(root.resolve("status")))
                .path("timelines")
                .path(0);
    }

    private JsonNode awaitReceiver(final Predicate<JsonNode> condition) throws Exception {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < LIMIT_SECONDS * 5; i++) {
            final JsonNode receiver = timeline().path("receiver");
            if (condition.test(receiver)) {
                return receiver;
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never so: " + timeline());
    }
}
