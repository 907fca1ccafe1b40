package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk runs full while clients go on committing, and has room again: a file system of its own, which root may mount. */
@Tag("long")
@Timeout(900)
class FullDiskTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int WRITERS = 3;
    private static final int DISK_MIB = 512;

    /** More than what is left of a node's segment, and less than its disk has. */
    private static final int WAL_MIB = 160;

    private static final int MESSAGE_MIB = 8;
    private static final String FULL = "has no space for its next segment";

    @TempDir
    private Path folder;

    @Test
    void shouldGoOnWithoutANodeWhoseDiskIsFullAndWithItWhenThereIsRoom() throws Exception {
        assumeThat(UnprivilegedUser.find().dropping())
                .as("skipped: a file system is mounted by root, and this test is not run by root")
                .isTrue();
        final Path data = folder.resolve("data");
        try (FirnProcess first = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", data.toString())) {
            first.awaitUp();
            first.signal("TERM");
            assertThat(first.awaitEnd().exitCode()).isZero();
        }
        // Over the node's directory, which holds nothing yet.
        final Path disk = data.resolve(Part.WAL_NODE_3.folder());
        assumeThat(run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + DISK_MIB + "m", "firn-test", disk.toString()))
                .as("skipped: this host lets nobody mount a tmpfs")
                .isTrue();
        try (FollowedPostgres postgres = FollowedPostgres.start(folder, 17);
                FaultedSystem system = FaultedSystem.follow(postgres, data);
                Commits commits = Commits.start(postgres.url(), folder.resolve("client"), WRITERS)) {
            commits.awaitMore(LIMIT, "at the start");
            system.awaitWhole(LIMIT, "at the start");
            final long beganMs = commits.nowMs();
            final Path filler = disk.resolve("filler");
            fill(filler);
            writeMuch(postgres);
            awaitDetail(system, FULL);
            commits.awaitMore(LIMIT, "while a node's disk is full");
            system.kill(Part.WAL_NODE_3);
            commits.awaitMore(LIMIT, "while a node with a full disk is started again");
            awaitDetail(system, FULL);
            final long pauseMs = commits.longestPauseMs(beganMs);

            Files.delete(filler);
            system.awaitWhole(LIMIT, "when there is room again");
            commits.awaitMore(LIMIT, "when there is room again");
            final Evidence evidence = Evidence.gather(
                    postgres,
                    commits.end(),
                    List.of(),
                    List.of("--dir", system.dir().toString()),
                    folder.resolve("evidence"),
                    "after a full disk");
            System.err.println(evidence + ", longest pause " + pauseMs + " ms");
        } finally {
            assertThat(run("umount", disk.toString())).isTrue();
        }
    }

    static boolean run(final String... command) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor() == 0;
    }

    static void fill(final Path file) throws IOException {
        final ByteBuffer zeroes = ByteBuffer.allocate(1 << 20);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (channel.write(zeroes.clear()) == zeroes.capacity()) {
                // Until the disk takes less than all of it, or nothing.
                continue;
            }
        } catch (final IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
    }

    private static void writeMuch(final FollowedPostgres postgres) throws Exception {
        for (int i = 0; i < WAL_MIB / MESSAGE_MIB; i++) {
            postgres.server()
                    .execute("SELECT pg_logical_emit_message(false, 'much', repeat('x', " + MESSAGE_MIB + " << 20))");
        }
    }

    private static void awaitDetail(final FaultedSystem system, final String words) throws Exception {
        final Semaphore never = new Semaphore(0);
        JsonNode node = MissingNode.getInstance();
        for (int i = 0; i < LIMIT.toSeconds() * 5; i++) {
            node = system.status()
                    .map(status -> status.path("walNodes").path(2))
                    .orElse(MissingNode.getInstance());
            if (node.path("logs").path(0).path("detail").asText().contains(words)
                    || node.path("detail").asText().contains(words)) {
                return;
            }
            assertThat(never.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("the node does not say " + words + ": " + node);
    }
}
