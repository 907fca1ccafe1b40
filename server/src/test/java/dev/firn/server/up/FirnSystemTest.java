package dev.firn.server.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.Errno;
import dev.firn.server.CommandException;
import dev.firn.server.FirnProcess;
import dev.firn.server.home.UpRecord;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.storage.FailingStorage;
import dev.firn.server.storage.ProbeConfig;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The system in this process, on a disk that fails when the test says so. */
@Timeout(120)
class FirnSystemTest {
    private static final ProbeConfig OFTEN = ProbeConfig.STANDARD.withInterval(Duration.ofMillis(5));

    @TempDir
    private Path folder;

    private FailingStorage storage;

    @Test
    void shouldShowAFailingDiskAndComeBackWithIt() throws Exception {
        try (FirnSystem system = start()) {
            final URI root = URI.create(system.url());
            assertThat(UpRecord.require(folder).url()).isEqualTo(system.url());
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
                        0,
                        OFTEN,
                        path -> {
                            storage = new FailingStorage(new HostStorage(path));
                            storage.flushErrno = Errno.EIO;
                            return storage;
                        },
                        SystemClock.INSTANCE))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("the data directory " + folder + " cannot be used: DATA_SYNC storage.probe");
        assertThat(UpRecord.read(folder)).isEmpty();
        start().close();
    }

    private FirnSystem start() throws InterruptedException {
        return FirnSystem.start(
                folder, 0, OFTEN, path -> storage = new FailingStorage(new HostStorage(path)), SystemClock.INSTANCE);
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
