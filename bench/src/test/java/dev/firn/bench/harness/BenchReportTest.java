package dev.firn.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.nativeio.seam.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchReportTest {
    private static final List<Sample> FIRN = List.of(
            new Sample(100, new Sample.Latency(10, 40), new Sample.CpuPerOperation(1, 3), 0.0),
            new Sample(90, new Sample.Latency(12, 50), new Sample.CpuPerOperation(1, 3), 0.5));
    private static final List<Sample> RIVAL = List.of(Sample.ofValue(80), Sample.ofValue(120));
    private static final Result PAIRED = Result.paired(
            "read/depth=1",
            "ops/s",
            Direction.HIGHER_IS_BETTER,
            FIRN,
            "fio 3.33",
            RIVAL,
            Map.of("backend", "io_uring"));
    private static final Result ALONE =
            Result.alone("read/depth=2", "ops/s", Direction.HIGHER_IS_BETTER, FIRN, "fio (not installed)", Map.of());

    @TempDir
    private Path directory;

    @Test
    void shouldHaveTheKeysOfTheContractWhenThereIsARival() throws Exception {
        final JsonNode result = json(PAIRED).path("results").path(0);

        assertThat(result.path("name").asText()).isEqualTo("read/depth=1");
        assertThat(result.path("unit").asText()).isEqualTo("ops/s");
        assertThat(result.path("value").asDouble()).isEqualTo(95);
        assertThat(result.path("rival").asText()).isEqualTo("fio 3.33");
        assertThat(result.path("rivalValue").asDouble()).isEqualTo(100);
        assertThat(result.path("ratio").asDouble()).isEqualTo((100.0 / 80 + 90.0 / 120) / 2);
        assertThat(result.path("pairs").path("ratios")).hasSize(2);
        assertThat(result.path("latency").path("p99Us").asDouble()).isEqualTo(45);
        assertThat(result.path("allocatedBytesPerOp").asDouble()).isEqualTo(0.25);
        assertThat(result.path("details").path("backend").asText()).isEqualTo("io_uring");
        assertThat(result.has("rivalLatency")).isFalse();
    }

    @Test
    void shouldNameTheMissingRivalAndKeepItsKeysAsNull() throws Exception {
        final JsonNode result = json(ALONE).path("results").path(0);

        assertThat(result.path("rival").asText()).isEqualTo("fio (not installed)");
        assertThat(result.path("rivalValue").isNull()).isTrue();
        assertThat(result.path("ratio").isNull()).isTrue();
        assertThat(result.path("value").asDouble()).isEqualTo(95);
        assertThat(result.has("pairs")).isFalse();
    }

    @Test
    void shouldRecordWhereAndWithWhatItRan() throws Exception {
        final JsonNode machine = json(PAIRED).path("machine");

        assertThat(machine.path("cores").asInt()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(machine.path("kernel").asText()).startsWith("Linux ");
        assertThat(machine.path("jdk").asText()).contains(Runtime.version().toString());
        assertThat(machine.path("jvmFlags").asText()).contains("-XX:+UseZGC").doesNotContain("@", "#");
        assertThat(machine.path("fileSystem").asText()).isNotEmpty();
        assertThat(machine.path("memoryBytes").asLong()).isPositive();
        assertThat(machine.path("startedAt").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    }

    @Test
    void shouldShowTheRivalBesideEachResultInTheTable() {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ResultTable table = new ResultTable(new PrintStream(out, true, StandardCharsets.UTF_8));

        table.header(machine());
        table.row(PAIRED);
        table.row(ALONE);

        final List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(2)).startsWith("benchmark").contains("Firn", "rival", "ratio");
        assertThat(lines.get(3)).startsWith("read/depth=1").contains("95.0", "100.0", "1.00", "0.75–1.25", "fio 3.33");
        assertThat(lines.get(4)).startsWith("read/depth=2").contains("95.0", "–", "fio (not installed)");
    }

    private JsonNode json(final Result result) throws Exception {
        final String text = new BenchReport(
                        machine(), List.of(result), List.of(new BenchReport.Failure("other", "no room")))
                .toJson();
        final JsonNode root = new ObjectMapper().readTree(text);
        assertThat(root.path("failures").path(0).path("error").asText()).isEqualTo("no room");
        return root;
    }

    private Machine machine() {
        final Path root = ForkedJvm.findRoot();
        return new MachineReader(root, ForkedJvm.ofProject(root), SystemClock.INSTANCE).read(directory);
    }
}
