package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.InstalledBinaries;
import dev.firn.nativeio.seam.SystemClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PostgresServerTest {
    @TempDir
    Path directory;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void shouldKeepWhatWasCommittedWhenCrashed() throws Exception {
        final ServerConfig config =
                ServerConfig.of(InstalledBinaries.ofThisMachine().find(15).orElseThrow(), directory.resolve("server"));
        try (PostgresServer server = new PostgresServer(config, SystemClock.INSTANCE)) {
            server.init();
            server.start();
            server.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
            server.crash();
            assertThat(server.processIds()).isEmpty();
            server.start();
            assertThat(server.query("SELECT count(*) FROM t")).containsExactly(List.of("1000"));
            assertThat(String.join("\n", server.logTail(100))).contains("automatic recovery in progress");
            server.stop(StopMode.FAST);
            assertThat(server.processIds()).isEmpty();
        }
    }
}
