package dev.firn.bench.localstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.nativeio.seam.SystemClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CopyRivalTest {
    private final RunResources resources = new RunResources();

    @TempDir
    private Path directory;

    @AfterEach
    void release() {
        resources.close();
    }

    @Test
    void shouldCopyAndLeaveNothing() throws Exception {
        final Path source = Files.write(directory.resolve("source"), new byte[100_000]);

        final long elapsedNs = CopyRival.find(System.getenv("PATH"), resources, SystemClock.INSTANCE)
                .orElseThrow()
                .run(source, directory.resolve("copy"));

        assertThat(elapsedNs).isPositive();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(source);
        }
    }

    @Test
    void shouldPassOnWhatCpComplainsOf() {
        assertThatThrownBy(() -> CopyRival.find(System.getenv("PATH"), resources, SystemClock.INSTANCE)
                        .orElseThrow()
                        .run(directory.resolve("absent"), directory.resolve("copy")))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void shouldNotBeThereWithoutItsPrograms() {
        assertThat(CopyRival.find(directory.toString(), resources, SystemClock.INSTANCE))
                .isEmpty();
        assertThat(CopyRival.find(null, resources, SystemClock.INSTANCE)).isEmpty();
    }
}
