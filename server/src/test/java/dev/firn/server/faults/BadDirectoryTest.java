package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.CommandException;
import dev.firn.server.FirnProcess;
import dev.firn.server.up.FirnSystem;
import dev.firn.server.up.UpConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a disk may have done to a system's files while it was down. Each damage is told in one sentence by the part that met it; the
 * others go on, and the damaged file is left as it was found.
 */
@Timeout(600)
class BadDirectoryTest {
    private static final long LIMIT_SECONDS = 120;
    private static final int SECTOR = 4096;
    private static final int VERSION_AT = 4;
    private static final int SECOND_COPY_AT = 128 << 10;

    @TempDir
    private Path folder;

    private Path dir;

    @Test
    void shouldSayWhatIsDamagedAndGoOnWithTheRest() throws Exception {
        dir = folder.resolve("data");
        try (FollowedPostgres postgres = FollowedPostgres.start(folder, 17)) {
            try (FirnSystem system = up()) {
                final FirnProcess.Result attached =
                        FirnProcess.run("attach", postgres.conninfo(), "--dir", dir.toString());
                assertThat(attached.exitCode()).as(attached.err()).isZero();
                insert(postgres, 1);
                awaitCommitted(system, postgres);
            }
            // One copy of three states is enough; a hole in a log, and a log of a later version, are not.
            flip(control(1), 200);
            final Path holed = segment(2);
            flip(holed, SECTOR + 100);
            final byte[] found = Files.readAllBytes(holed);
            write(segment(3), VERSION_AT, 2);
            try (FirnSystem system = up()) {
                awaitDamage(system, 2, " is damaged: it ", "and the log is made again from its peers");
                awaitDamage(system, 3, " is of format 2, which this version of Firn does not know");
                assertThat(log(system, 1).path("state").asText()).isNotEqualTo("damaged");
            }
            assertThat(holed).hasBinaryContent(found);
            flip(holed, SECTOR + 100);
            write(segment(3), VERSION_AT, 1);

            flip(control(2), 200);
            flip(control(2), SECOND_COPY_AT + 200);
            write(control(3), VERSION_AT, 2);
            try (FirnSystem system = up()) {
                awaitDamage(system, 2, "control is damaged: neither copy of its state is whole");
                awaitDamage(system, 3, "control is of format 2, which this version of Firn does not know");
            }
            write(control(3), VERSION_AT, 1);
            assertOtherDirectoriesAreRefused(postgres);

            try (FirnSystem system = up()) {
                awaitDamage(system, 2, "remove logs/", "and the log is made again from its peers");
                FaultedSystem.delete(control(2).getParent());
                insert(postgres, 2);
                awaitCommitted(system, postgres);
            }
        }
    }

    /** A node's directory that another cluster, or another node, has written. */
    private void assertOtherDirectoriesAreRefused(final FollowedPostgres postgres) throws Exception {
        final Path node = dir.resolve("wal-node-2");
        final Path away = dir.resolve("away");
        final Path identity = node.resolve("firn.role");
        Files.move(node, away);
        Evidence.copy(dir.resolve("wal-node-3"), node);
        try (FirnSystem system = up()) {
            assertThat(role(system, "wal-node-2").path("detail").asText())
                    .contains(node + " belongs to the wal-node 3")
                    .contains("wal-node 2");
            insert(postgres, 3);
        }
        FaultedSystem.delete(node);
        Files.move(away, node);
        final String own = Files.readString(identity);
        Files.writeString(identity, own.substring(0, own.length() / 2));
        try (FirnSystem system = up()) {
            assertThat(role(system, "wal-node-2").path("detail").asText()).contains(identity + " is damaged");
        }
        Files.writeString(identity, own);
    }

    @Test
    void shouldRefuseASecretThatOthersMayReadAndFilesThatAreHalfWritten() throws Exception {
        dir = folder.resolve("data");
        up().close();
        final Path secret = dir.resolve("secret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        assertRefused(secret + " has mode rw-r--r--: others than its owner may use it; give it mode 0600");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        final String content = Files.readString(secret);
        Files.writeString(secret, "short\n");
        assertRefused(secret + " has 5 bytes; it needs 32 to ");
        Files.writeString(secret, content);

        final Path attachment =
                Files.createDirectories(dir.resolve("attachments/main")).resolve("attachment.json");
        Files.writeString(attachment, "{ \"format\" : 1, \"na");
        assertRefused(attachment + " is damaged: restore it from a backup of the directory, or move "
                + attachment.getParent() + " away");
        FaultedSystem.delete(attachment.getParent());
        up().close();
    }

    private FirnSystem up() throws InterruptedException {
        return FirnSystem.start(
                dir,
                UpConfig.of(0, Optional.empty(), true),
                HostStorage::new,
                SystemClock.INSTANCE,
                SystemRandom.secure());
    }

    private void assertRefused(final String sentence) {
        assertThatThrownBy(this::up)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("\n");
    }

    private static void insert(final FollowedPostgres postgres, final int batch) throws Exception {
        postgres.server().execute("INSERT INTO acked SELECT " + batch + "000 + generate_series(1, 500)");
    }

    // --- the files ------------------------------------------------------------------------------------------------

    private Path logOf(final int node) throws IOException {
        try (Stream<Path> logs = Files.list(dir.resolve("wal-node-" + node + "/wal/logs"))) {
            return logs.findFirst().orElseThrow();
        }
    }

    private Path control(final int node) throws IOException {
        return logOf(node).resolve("control");
    }

    private Path segment(final int node) throws IOException {
        try (Stream<Path> files = Files.list(logOf(node))) {
            return files.filter(file -> !file.endsWith("control"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flip(final Path file, final long at) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            final ByteBuffer one = ByteBuffer.allocate(1);
            assertThat(channel.read(one, at)).isEqualTo(1);
            one.flip().put(0, (byte) (one.get(0) ^ 0x10));
            channel.write(one, at);
            channel.force(false);
        }
    }

    private static void write(final Path file, final long at, final int value) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
            channel.force(false);
        }
    }

    // --- what there is to see -------------------------------------------------------------------------------------

    private static JsonNode status(final FirnSystem system) throws Exception {
        return FirnProcess.json(FirnProcess.get(URI.create(system.url()).resolve("status")));
    }

    private static JsonNode log(final FirnSystem system, final int node) throws Exception {
        return status(system).path("walNodes").path(node - 1).path("logs").path(0);
    }

    private static JsonNode role(final FirnSystem system, final String name) throws Exception {
        for (final JsonNode role : status(system).path("roles")) {
            if (role.path("name").asText().equals(name)) {
                return role;
            }
        }
        throw new AssertionError("no role " + name);
    }

    private static void awaitDamage(final FirnSystem system, final int node, final String... words) throws Exception {
        await(
                system,
                status -> status.path("walNodes")
                        .path(node - 1)
                        .path("logs")
                        .path(0)
                        .path("state")
                        .asText()
                        .equals("damaged"));
        final String detail = log(system, node).path("detail").asText();
        assertThat(detail)
                .contains(List.of(words))
                .contains("(below " + system.path().resolve("wal-node-" + node))
                .doesNotContain("\n");
    }

    /** All three nodes have what the primary has written. */
    private static void awaitCommitted(final FirnSystem system, final FollowedPostgres postgres) throws Exception {
        final long wanted = Lsn.parse(postgres.server()
                .query("SELECT pg_current_wal_flush_lsn()")
                .getFirst()
                .getFirst());
        await(system, status -> {
            for (final JsonNode node : status.path("walNodes")) {
                final String lsn = node.path("logs").path(0).path("commitLsn").asText("");
                if (lsn.isEmpty() || lsn.equals("null") || Lsn.parse(lsn) < wanted) {
                    return false;
                }
            }
            return true;
        });
    }

    private static void await(final FirnSystem system, final Predicate<JsonNode> condition) throws Exception {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < LIMIT_SECONDS * 5; i++) {
            if (condition.test(status(system))) {
                return;
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never so: " + status(system).toPrettyString());
    }
}
