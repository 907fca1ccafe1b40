package dev.firn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.server.FirnProcess;
import dev.firn.server.home.ProcessIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code up}, {@code status} and {@code down} as processes, on the host's disk. */
@Timeout(180)
class UpProcessTest {
    /** Of an idle system in one process: heap, code, and what it has used off the heap. It may take gigabytes. */
    private static final long MAX_IDLE_RESIDENT_BYTES = 1L << 30;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void shouldServeUntilASignalAndThenExitWithZero(final String signal) throws Exception {
        final Path dir = folder.resolve("data");
        // Whoever runs the tests in the background may have had SIGINT ignored, and a JVM that inherits that ignores it
        // too.
        try (FirnProcess firn = FirnProcess.start(
                List.of("env", "--default-signal=" + signal),
                "up",
                "--no-postgres",
                "--in-process",
                "--dir",
                dir.toString())) {
            final URI root = firn.awaitUp();
            assertThat(root.getHost()).isEqualTo("127.0.0.1");

            // What up does not wait for on a loaded machine is degraded for a moment: "starting".
            final JsonNode status = FirnProcess.awaitStatus(
                    root, its -> its.get("health").asText().equals("ok"));
            assertThat(status.get("pid").asLong()).isEqualTo(firn.process().pid());
            assertThat(status.get("directory").asText()).isEqualTo(dir.toString());
            assertThat(status.get("ring").get("description").asText()).isNotEmpty();
            assertThat(Instant.parse(status.get("startedAt").asText())).isBefore(Instant.MAX);
            assertThat(status.get("walNodes")).hasSize(3);
            for (final JsonNode node : status.get("walNodes")) {
                assertThat(node.get("state").asText()).as(node.toString()).isEqualTo("up");
                assertThat(node.get("logs")).isEmpty();
            }
            for (final String empty : List.of("timelines", "computes")) {
                assertThat(status.get(empty).isArray()).as(empty).isTrue();
                assertThat(status.get(empty)).as(empty).isEmpty();
            }
            assertThat(status.get("roles").get(0).get("name").asText()).isEqualTo("storage");
            assertThat(status.get("roles").get(0).get("phase").asText()).isEqualTo("running");

            final FirnProcess.Result command = FirnProcess.run("status", "--dir", dir.toString(), "--json");
            assertThat(command.exitCode()).isZero();
            assertThat(command.err()).isEmpty();
            assertThat(command.json().get("pid")).isEqualTo(status.get("pid"));

            assertThat(residentBytes(firn.process().pid()))
                    .as("what it does not use, it does not take")
                    .isLessThan(MAX_IDLE_RESIDENT_BYTES);

            firn.signal(signal);
            final FirnProcess.Result end = firn.awaitEnd();
            assertThat(end.exitCode()).isZero();
            assertThat(end.err()).doesNotContain("WARN").doesNotContain("ERROR");
            assertThat(dir.resolve("up.json")).doesNotExist();
        }
    }

    @Test
    void shouldAnswerMetricsHealthAndThePageAndNothingElse() throws Exception {
        try (FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", folder.toString())) {
            final URI root = firn.awaitUp();
            final HttpResponse<String> metrics = FirnProcess.get(root.resolve("metrics"));
            assertThat(metrics.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            assertThat(metrics.body())
                    .contains("firn_role_up{role=\"storage\"} 1.0\n")
                    .contains("firn_role_restarts_total{role=\"storage\"} 0.0\n")
                    .contains("firn_ring_info{direct=")
                    .contains("firn_wal_node_up{node=\"2\"} 1.0\n")
                    .contains("# TYPE firn_wal_node_flush_seconds histogram\n")
                    .contains("firn_transport_dropped_unauthenticated_total{node=\"1\"} 0.0\n")
                    .contains("firn_memory_bytes{tag=\"storage-probe\"} 8192.0\n")
                    .contains("firn_storage_probe_failures_total 0.0\n")
                    .contains("# TYPE firn_storage_flush_seconds histogram\n")
                    .containsPattern("firn_storage_flush_seconds_count [1-9]")
                    .contains("jvm_memory_used_bytes{area=\"heap\"}")
                    .contains("process_start_time_seconds ");

            final HttpResponse<String> health = FirnProcess.get(root.resolve("healthz"));
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(FirnProcess.json(health).get("health").asText()).isEqualTo("ok");

            final HttpResponse<String> page = FirnProcess.get(root);
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
            assertThat(page.body())
                    .contains("<title>Firn: ok</title>")
                    .contains(folder.toString())
                    .doesNotContain("{{");

            assertThat(FirnProcess.get(root.resolve("nothing")).statusCode()).isEqualTo(404);
            assertThat(raw(root, "POST /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
                    .as("what changes something wants the directory's token")
                    .startsWith("HTTP/1.1 401");
            assertThat(raw(root, "PUT /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
                    .startsWith("HTTP/1.1 405");
            // DNS rebinding: the right address under a foreign name.
            assertThat(raw(root, "GET /status HTTP/1.1\r\nHost: firn.example\r\n\r\n"))
                    .startsWith("HTTP/1.1 403");
            assertThat(raw(root, "GET /healthz HTTP/1.1\r\nHost: localhost:" + root.getPort() + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void shouldRefuseASecondUpAndGoOnAfterKill() throws Exception {
        final String dir = folder.toString();
        try (FirnProcess first = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir)) {
            first.awaitUp();
            final FirnProcess.Result second = FirnProcess.run("up", "--no-postgres", "--in-process", "--dir", dir);
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.out()).isEmpty();
            assertThat(second.err())
                    .startsWith("firn: firn is up on " + dir + " already")
                    .hasLineCount(1);
            final FirnProcess.Result detached = FirnProcess.run("up", "--no-postgres", "--detach", "--dir", dir);
            assertThat(detached.exitCode()).isEqualTo(1);
            assertThat(detached.err())
                    .startsWith("firn: firn is up on " + dir + " already")
                    .hasLineCount(1);

            first.signal("KILL");
            assertThat(first.awaitEnd().exitCode()).isEqualTo(128 + 9);
        }
        assertThat(folder.resolve("up.json")).exists();
        for (final String command : List.of("status", "down")) {
            final FirnProcess.Result stale = FirnProcess.run(command, "--dir", dir);
            assertThat(stale.exitCode()).isEqualTo(1);
            assertThat(stale.out()).isEmpty();
            assertThat(stale.err()).contains("ended without a clean stop").hasLineCount(1);
        }
        try (FirnProcess again = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir)) {
            final URI root = again.awaitUp();
            assertThat(FirnProcess.get(root.resolve("healthz")).statusCode()).isEqualTo(200);
            again.signal("TERM");
            assertThat(again.awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    void shouldKeepItsObjectStoreAfterKillAndRefuseAnother() throws Exception {
        final String dir = folder.resolve("data").toString();
        final String other = Files.createDirectory(folder.resolve("other")).toString();
        final String url = "file://" + dir + "/objects";
        final String description;
        try (FirnProcess first = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir)) {
            final JsonNode store = objectStore(first.awaitUp());
            assertThat(store.get("url").asText()).isEqualTo(url);
            assertThat(store.get("state").asText()).isEqualTo("ok");
            assertThat(store.get("failures").asInt()).isZero();
            description = store.get("description").asText();
            assertThat(description).startsWith("local directory " + dir + "/objects, store ");
            first.signal("KILL");
            first.awaitEnd();
        }
        final FirnProcess.Result refused =
                FirnProcess.run("up", "--no-postgres", "--in-process", "--dir", dir, "--store", other);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("firn: " + dir + " keeps its objects in " + url + ", and they would be missing in file://")
                .hasLineCount(1);
        try (FirnProcess again =
                FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir, "--store", url)) {
            final URI root = again.awaitUp();
            final JsonNode store = objectStore(root);
            assertThat(store.get("state").asText()).isEqualTo("ok");
            assertThat(store.get("description").asText()).isEqualTo(description);
            assertThat(FirnProcess.get(root.resolve("metrics")).body())
                    .contains("firn_role_up{role=\"store\"} 1.0\n")
                    .contains("firn_store_failures_total 0.0\n")
                    .contains("firn_memory_bytes{tag=\"store-probe\"} 8192.0\n");
            again.signal("TERM");
            assertThat(again.awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    void shouldSayWhyAnObjectStoreCannotBeHad() throws Exception {
        final String missing = folder.resolve("missing").toString();
        final FirnProcess.Result result = FirnProcess.run(
                "up",
                "--no-postgres",
                "--in-process",
                "--dir",
                folder.resolve("data").toString(),
                "--store",
                missing);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .endsWith("firn: the store role did not start: cannot open file://" + missing
                        + ": there is no directory " + missing + ": create it first\n");
    }

    private static JsonNode objectStore(final URI root) throws Exception {
        return FirnProcess.json(FirnProcess.get(root.resolve("status"))).get("objectStore");
    }

    @Test
    void shouldRunInTheBackgroundUntilDown() throws Exception {
        final String dir = folder.toString();
        final FirnProcess.Result up = FirnProcess.run("up", "--no-postgres", "--detach", "--dir", dir, "--json");
        assertThat(up.exitCode()).as(up.err()).isZero();
        final long pid = up.json().get("pid").asLong();
        try {
            assertThat(up.err()).isEmpty();
            final URI root = URI.create(up.json().get("urls").get("page").asText());
            assertThat(FirnProcess.get(root.resolve("healthz")).statusCode()).isEqualTo(200);
            assertThat(Files.readString(folder.resolve("log/firn.log"))).contains("INFO  firn: up on " + dir);
            // A session of its own: field 6 of proc(5)'s stat.
            final String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            assertThat(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3])
                    .isEqualTo(String.valueOf(pid));
        } finally {
            final FirnProcess.Result down = FirnProcess.run("down", "--dir", dir);
            assertThat(down.exitCode()).as(down.err()).isZero();
            assertThat(down.out()).isEqualTo("firn stopped (process " + pid + ").\n");
        }
        assertThat(ProcessIdentity.of(pid)).isEmpty();
        assertThat(folder.resolve("up.json")).doesNotExist();
        assertThat(FirnProcess.run("down", "--dir", dir).exitCode()).isEqualTo(1);
    }

    @Test
    void shouldSayThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            final String port = String.valueOf(taken.getLocalPort());
            final FirnProcess.Result here =
                    FirnProcess.run("up", "--no-postgres", "--in-process", "--dir", folder.toString(), "--port", port);
            assertThat(here.exitCode()).isEqualTo(1);
            assertThat(here.err())
                    .startsWith("firn: port " + port + " of 127.0.0.1 cannot be had")
                    .hasLineCount(1);
            final FirnProcess.Result detached = FirnProcess.run(
                    "up", "--no-postgres", "--in-process", "--dir", folder.toString(), "--port", port, "--detach");
            assertThat(detached.exitCode()).isEqualTo(1);
            assertThat(detached.err()).isEqualTo(here.err());
        }
    }

    @Test
    void shouldUseThePortableRingWhenToldTo() throws Exception {
        final List<String> portable = List.of("env", "JDK_JAVA_OPTIONS=-Dfirn.ring=portable");
        try (FirnProcess firn =
                FirnProcess.start(portable, "up", "--no-postgres", "--in-process", "--dir", folder.toString())) {
            final JsonNode status =
                    FirnProcess.json(FirnProcess.get(firn.awaitUp().resolve("status")));
            assertThat(status.get("ring").get("description").asText()).startsWith("portable");
            assertThat(firn.err()).contains("firn: I/O goes through the portable back end, since -Dfirn.ring says so");
            assertThat(status.get("health").asText()).isEqualTo("ok");
        }
    }

    @Test
    void shouldRefuseADiskThatIsFull() throws Exception {
        assertRefused("size=16k", "ENOSPC (28)", "the disk is full: free some space");
    }

    @Test
    void shouldRefuseADiskThatIsReadOnly() throws Exception {
        assertRefused("ro", "", "Read-only file system");
        assertRefused("ro-after", "EROFS (30)", "the file system is read-only");
    }

    /** On a small file system of its own, in a mount namespace that ends with the process. */
    private void assertRefused(final String kind, final String errno, final String advice) throws Exception {
        final Process probe =
                new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", folder.toString()).start();
        assumeTrue(probe.waitFor() == 0, "mount namespaces are allowed here");
        final String mount = switch (kind) {
            case "ro" -> "mount -t tmpfs none $0 && mount -o remount,ro $0";
            case "ro-after" -> "mount -t tmpfs none $0 && mkdir $0/data && mount -o remount,ro $0";
            default -> "mount -t tmpfs -o " + kind + " none $0";
        };
        final List<String> wrapper =
                List.of("unshare", "-rm", "sh", "-c", mount + " && exec \"$@\"", folder.toString());
        try (FirnProcess firn = FirnProcess.start(
                wrapper,
                "up",
                "--no-postgres",
                "--in-process",
                "--dir",
                folder.resolve("data").toString())) {
            final FirnProcess.Result result = firn.awaitEnd();
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .startsWith("firn: the data directory " + folder.resolve("data") + " cannot be used: ")
                    .contains(errno)
                    .contains(advice)
                    .contains("choose another directory with --dir")
                    .hasLineCount(1);
        }
    }

    private static String raw(final URI root, final String request) throws IOException {
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            socket.setSoTimeout(10_000);
            final OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
    }

    private static long residentBytes(final long pid) throws IOException {
        for (final String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new AssertionError("the kernel does not say how much process " + pid + " has in memory");
    }
}
