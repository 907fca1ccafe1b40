package dev.firn.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A system with a Postgres of its own, as a newcomer meets it: the very commands of the README's tour, and what may happen to it. */
@Timeout(600)
final class OwnPostgresProcessTest {
    private static final int LIMIT_SECONDS = 120;
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

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
    void shouldShowANewcomerACommitABranchAndARestoreOf17() throws Exception {
        takeTheTour(17);
    }

    @Test
    @Tag("long")
    void shouldShowANewcomerACommitABranchAndARestoreOf15() throws Exception {
        takeTheTour(15);
    }

    private void takeTheTour(final int major) throws Exception {
        final List<List<String>> tour = tour();
        assertThat(tour).hasSizeGreaterThan(5);
        final PostgresServer restored = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major), folder.resolve("restored")),
                SystemClock.INSTANCE);
        boolean isDown = false;
        try {
            for (final List<String> words : tour) {
                run(words, major, restored.dataDirectory());
            }
            isDown = true;
        } finally {
            if (!isDown) {
                FirnProcess.run("down", "--dir", dir);
            }
        }
        try (restored) {
            restored.adopt();
            restored.start();
            // What was dropped is there, and nobody waits for a quorum that this one does not have.
            assertThat(restored.query("SELECT count(*) FROM notes")).containsExactly(List.of("1000"));
            restored.execute("INSERT INTO notes VALUES (0)");
        }
    }

    /** The commands of the README's tour, word by word. */
    private static List<List<String>> tour() throws IOException {
        final String readme = Files.readString(Path.of(System.getProperty("firn.root"), "README.md"));
        final String section = readme.substring(readme.indexOf("\n## Two minutes"));
        final String block = section.substring(section.indexOf("```sh\n") + 6, section.indexOf("\n```\n"));
        final List<List<String>> commands = new ArrayList<>();
        for (final String line : block.lines().toList()) {
            if (line.startsWith("./firn ")) {
                final List<String> words = new ArrayList<>();
                final Matcher matcher = WORD.matcher(line.substring("./firn ".length()));
                while (matcher.find() && !matcher.group().equals("#")) {
                    words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
                }
                commands.add(words);
            }
        }
        return commands;
    }

    /** Commands are one word, or two. */
    private static String lastOfName(final List<String> words) {
        return switch (words.getFirst()) {
            case "branch" -> "create";
            case "lake" -> "export";
            default -> words.getFirst();
        };
    }

    /** With this directory, version and place in the command's place for them. */
    private void run(final List<String> words, final int major, final Path restored) throws Exception {
        final List<String> command = new ArrayList<>(words);
        command.addAll(1 + command.indexOf(lastOfName(words)), List.of("--dir", dir));
        if (words.getFirst().equals("up")) {
            command.addAll(List.of("--postgres", String.valueOf(major)));
        }
        command.replaceAll(word -> word.equals("old")
                ? restored.toString()
                : word.equals("parquet") ? folder.resolve("parquet").toString() : word);
        final FirnProcess.Result result = FirnProcess.run(command.toArray(new String[0]));
        assertThat(result.exitCode()).as("%s: %s", command, result.err()).isZero();
        switch (words.getFirst()) {
            case "up" -> assertThat(result.out()).contains("  postgres postgresql://postgres@127.0.0.1:");
            case "status" -> {
                assertThat(result.json().path("health").asText()).isEqualTo("ok");
                final JsonNode own = result.json().path("computes").path(0);
                assertThat(own.path("state").asText()).isEqualTo("up");
                assertThat(own.path("postgresMajor").asInt()).isEqualTo(major);
                final JsonNode timeline = result.json().path("timelines").path(0);
                assertThat(timeline.path("name").asText()).isEqualTo("own");
                assertThat(timeline.path("receiver").path("state").asText()).isEqualTo("streaming");
                assertThat(timeline.path("commitLsn").asText()).isNotEmpty();
            }
            case "branch" -> assertThat(result.out()).contains("before is a branch of own at ");
            case "lake" ->
                assertThat(result.out())
                        .contains("1,000 rows")
                        .contains(
                                folder.resolve("parquet/postgres/public.notes").toString());
            default -> {}
        }
    }

    @Test
    void shouldGoOnAfterKillsAndBesideAPostgresThatIsAttached() throws Exception {
        final String url;
        try (FirnProcess first = FirnProcess.start("up", "--in-process", "--dir", dir)) {
            final URI root = first.awaitUp();
            final JsonNode own = computes(root).path(0);
            url = own.path("url").asText();
            execute(url, "CREATE TABLE kept AS SELECT generate_series(1, 100) AS id");
            assertThat(query(url, "SHOW synchronous_standby_names")).isEqualTo("firn");
            assertThat(query(url, "SELECT sync_state FROM pg_stat_replication")).isEqualTo("sync");

            final long killed = own.path("pid").asLong();
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            awaitCompute(
                    root,
                    its -> its.path("state").asText().equals("up")
                            && its.path("pid").asLong() != killed);
            execute(url, "INSERT INTO kept SELECT generate_series(101, 200)");

            assertRefused("own is the timeline of the Postgres that ./firn up runs itself", "detach", "own");
            assertRefused("own is the timeline of the Postgres", "attach", "host=127.0.0.1", "--name", "own");
            // kill -9 of everything.
            first.process().destroyForcibly().waitFor();
        }
        assertRefused("is of version 17: leave --postgres 15 away", "up", "--postgres", "15");
        try (FirnProcess again = FirnProcess.start("up", "--in-process", "--dir", dir);
                PostgresServer other = other()) {
            final URI root = again.awaitUp();
            assertThat(computes(root).path(0).path("url").asText()).isEqualTo(url);
            assertThat(query(url, "SELECT count(*) FROM kept")).isEqualTo("200");

            // Until another is attached as main, main means its own.
            assertThat(backups()).isEqualTo("own");
            final FirnProcess.Result attached =
                    FirnProcess.run("attach", "host=127.0.0.1 user=postgres port=" + other.port(), "--dir", dir);
            assertThat(attached.exitCode()).as(attached.err()).isZero();
            assertThat(backups()).isEqualTo("main");
            execute(url, "INSERT INTO kept SELECT generate_series(201, 300)");
            other.execute("CREATE TABLE theirs (i int)");

            final FirnProcess.Result down = FirnProcess.run("down", "--dir", dir);
            assertThat(down.exitCode()).as(down.err()).isZero();
            assertThat(again.awaitEnd().exitCode()).isZero();
        }
        assertThat(Files.readString(folder.resolve("data/postgres/server.log")))
                .endsWith("LOG:  database system is shut down\n");
        assertThat(folder.resolve("data/postgres/data/postmaster.pid")).doesNotExist();
        try (FirnProcess without = FirnProcess.start("up", "--in-process", "--no-postgres", "--dir", dir)) {
            assertThat(computes(without.awaitUp())).isEmpty();
        }
    }

    private String backups() throws Exception {
        final FirnProcess.Result list = FirnProcess.run("backup", "list", "--dir", dir, "--json");
        assertThat(list.exitCode()).as(list.err()).isZero();
        return list.json().path("timeline").asText();
    }

    private PostgresServer other() {
        final PostgresServer other = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(15), folder.resolve("other")),
                SystemClock.INSTANCE);
        other.init();
        other.start();
        return other;
    }

    private void assertRefused(final String reason, final String... command) throws Exception {
        final List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("--dir", dir));
        final FirnProcess.Result refused = FirnProcess.run(words.toArray(new String[0]));
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
        assertThat(refused.err()).contains("firn: ").contains(reason);
    }

    private static void execute(final String url, final String sql) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(final String url, final String sql) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }

    /** libpq's URL as JDBC has it. */
    private static Connection connect(final String url) throws SQLException {
        return DriverManager.getConnection(
                url.replace("postgresql://postgres@", "jdbc:postgresql://") + "?user=postgres");
    }

    private static JsonNode computes(final URI root) throws Exception {
        return FirnProcess.json(FirnProcess.get(root.resolve("status"))).path("computes");
    }

    private static void awaitCompute(final URI root, final Predicate<JsonNode> condition) throws Exception {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < LIMIT_SECONDS * 10; i++) {
            if (condition.test(computes(root).path(0))) {
                return;
            }
            assertThat(never.tryAcquire(100, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never so: " + computes(root));
    }
}
