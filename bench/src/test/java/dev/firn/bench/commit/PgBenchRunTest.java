package dev.firn.bench.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.bench.harness.BenchmarkException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PgBenchRunTest {
    private static final String OUTPUT = """
            number of transactions actually processed: 3
            number of failed transactions: %d (0.000%%)
            latency average = 2.000 ms
            initial connection time = 10.000 ms
            tps = 456.125000 (without initial connection time)
            """;

    @TempDir
    private Path directory;

    @Test
    void shouldReadRateAndLatenciesOfAllThreads() throws Exception {
        Files.writeString(directory.resolve("log.100"), "0 0 1000 0 1700000000 1\n0 1 2000 0 1700000000 2\n");
        Files.writeString(directory.resolve("log.100.1"), "1 0 9000 0 1700000000 3\n");
        Files.writeString(directory.resolve("insert.sql"), "no log");

        final PgBenchRun run = PgBenchRun.of(OUTPUT.formatted(0), directory);

        assertThat(run.transactions()).isEqualTo(3);
        assertThat(run.transactionsPerSecond()).isEqualTo(456.125);
        assertThat(run.meanUs()).isEqualTo(4000);
        assertThat(run.p50Us()).isBetween(1980.0, 2020.0);
        assertThat(run.p99Us()).isBetween(8900.0, 9100.0);
    }

    @Test
    void shouldRefuseARunWithoutTransactions() {
        assertThatThrownBy(() -> PgBenchRun.of(OUTPUT.formatted(0), directory))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("no transaction");
    }

    @Test
    void shouldRefuseARunWithFailures() {
        assertThatThrownBy(() -> PgBenchRun.of(OUTPUT.formatted(2), directory))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageStartingWith("2 transactions");
    }

    @Test
    void shouldRefuseOutputWithoutARate() {
        assertThatThrownBy(() -> PgBenchRun.of("pgbench: nothing to say", directory))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("nothing to say");
    }
}
