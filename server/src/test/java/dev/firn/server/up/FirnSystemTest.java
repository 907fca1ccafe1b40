package dev.firn.server.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Storage;
import dev.firn.server.CommandException;
import dev.firn.server.FirnProcess;
import dev.firn.server.home.UpRecord;
import dev.firn.server.objectstore.StoreProbeConfig;
import dev.firn.server.postgres.PostgresWish;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.storage.FailingStorage;
import dev.firn.server.storage.ProbeConfig;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The system in this process, on a disk that fails when the test says so. */
@Timeout(120)
class FirnSystemTest {
    private static final ProbeConfig OFTEN = ProbeConfig.STANDARD.withInterval(Duration.ofMillis(5));

    private static final UpConfig CONFIG = new UpConfig(
            0,
            Optional.empty(),
            true,
            PostgresWish.NONE,
            OFTEN,
            StoreProbeConfig.STANDARD.withInterval(Duration.ofMillis(20)));

    @TempDir
    private Path folder;

    private FailingStorage storage;

    @Test
    void shouldShowAFailingDiskAndComeBackWithIt() throws Exception {
        try (FirnSystem system = start()) {
            final URI root = URI.create(system.url());
            assertThat(UpRecord.require(folder).url()).isEqualTo(system.url());
            awaitHealth(root, "ok");
            storage.flushErrno = Errno.EIO;
            final JsonNode failing = awaitHealth(root, "failing");
            final JsonNode role = failing.get("roles").get(0);
            assertThat(role.get("phase").asText()).isIn("backing-off", "starting");
            assertThat(role.get("detail").asText())
                    .contains("DATA_SYNC storage.probe")
                    .contains("EIO (5)");
            storage.flushErrno = 0;
            final JsonNode healthy = awaitHealth(root, "ok");
            assertThat(healthy.get("roles").get(0).get("restarts").asInt()).isPositive();
            assertThat(FirnProcess.get(root.resolve("metrics")).body())
                    .contains("firn_role_up{role=\"storage\"} 1.0\n")
                    .doesNotContain("firn_role_restarts_total{role=\"storage\"} 0.0\n")
                    .doesNotContain("firn_storage_probe_failures_total 0.0\n");
            assertThat(system.awaitLoss(Duration.ZERO)).isEmpty();
        }
        assertThat(UpRecord.read(folder)).isEmpty();
    }

    @Test
    void shouldReportTheLossOfADiskThatStaysBroken() throws Exception {
        try (FirnSystem system = start()) {
            storage.flushErrno = Errno.EIO;
            final RoleStatus lost = system.awaitLoss(Duration.ofSeconds(60)).orElseThrow();
            assertThat(lost.name()).isEqualTo("storage");
            assertThat(lost.restarts()).isEqualTo(RestartPolicy.STANDARD.maxRestarts());
            final HttpResponse<String> health =
                    FirnProcess.get(URI.create(system.url()).resolve("healthz"));
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(FirnProcess.get(URI.create(system.url())).body())
                    .contains("<title>Firn: failing</title>")
                    .contains("given-up");
        }
    }

    @Test
    void shouldTakeBackWhatWasBegunWhenTheDiskFailsAtTheStart() throws Exception {
        assertThatThrownBy(() -> FirnSystem.start(
                        folder,
                        CONFIG,
                        path -> {
                            storage = new FailingStorage(new HostStorage(path));
                            storage.flushErrno = Errno.EIO;
                            return storage;
                        },
                        SystemClock.INSTANCE,
                        SystemRandom.secure()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("the data directory " + folder + " cannot be used: DATA_SYNC storage.probe");
        assertThat(UpRecord.read(folder)).isEmpty();
        start().close();
    }

    /**
     * A directory that a put finds no way into, whoever runs the test: root may write where nobody may. It is the one that each put begins in: were
     * it the whole store, one that has just been published would find nothing to sync, and no more is written after that until a restart.
     */
    @Test
    void shouldShowAFailingObjectStoreAndComeBackWithIt() throws Exception {
        final Path objects = folder.resolve("objects");
        final Path temporaries = objects.resolve(".firn/tmp");
        final Path away = folder.resolve("temporaries-away");
        try (FirnSystem system = start()) {
            final URI root = URI.create(system.url());
            final JsonNode before =
                    FirnProcess.json(FirnProcess.get(root.resolve("status"))).get("objectStore");
            assertThat(before.get("state").asText()).isEqualTo("ok");
            assertThat(before.get("url").asText())
                    .isEqualTo(objects.toUri().toString().replaceFirst("/$", ""));

            Files.move(temporaries, away);
            Files.writeString(temporaries, "in the way");
            final JsonNode degraded = awaitHealth(root, "degraded");
            assertThat(degraded.get("roles").get(1).get("name").asText()).isEqualTo("store");
            assertThat(degraded.get("roles").get(1).get("detail").asText()).contains(objects.toString());
            assertThat(FirnProcess.json(FirnProcess.get(root.resolve("status")))
                            .get("objectStore")
                            .get("state")
                            .asText())
                    .isEqualTo("degraded");
            assertThat(FirnProcess.get(root).body()).contains("</code>, degraded</td>");
            assertThat(system.awaitLoss(Duration.ZERO)).isEmpty();

            Files.delete(temporaries);
            Files.move(away, temporaries);
            assertThat(awaitHealth(root, "ok")
                            .get("roles")
                            .get(1)
                            .get("restarts")
                            .asInt())
                    .isZero();
            assertThat(FirnProcess.get(root.resolve("metrics")).body())
                    .doesNotContain("firn_store_probe_failures_total 0.0\n")
                    .doesNotContain("firn_store_failures_total 0.0\n")
                    .containsPattern("firn_store_probe_seconds_count [1-9]");
        }
        try (Stream<Path> left = Files.list(objects)) {
            assertThat(left.map(entry -> entry.getFileName().toString())).containsExactly(".firn");
        }
    }

    private FirnSystem start() throws InterruptedException {
        return FirnSystem.start(folder, CONFIG, this::open, SystemClock.INSTANCE, SystemRandom.secure());
    }

    /** The data directory's disk fails when the test says so; those of the WAL nodes do not. */
    private Storage open(final Path path) {
        final HostStorage host = new HostStorage(path);
        if (!path.equals(folder)) {
            return host;
        }
        storage = new FailingStorage(host);
        return storage;
    }

    private static JsonNode awaitHealth(final URI root, final String wanted) throws Exception {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < 4_000; i++) {
            final HttpResponse<String> response = FirnProcess.get(root.resolve("healthz"));
            final JsonNode document = FirnProcess.json(response);
            assertThat(response.statusCode())
                    .isEqualTo(document.get("health").asText().equals("failing") ? 503 : 200);
            if (document.get("health").asText().equals(wanted)) {
                return document;
            }
            assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never " + wanted);
    }
}
