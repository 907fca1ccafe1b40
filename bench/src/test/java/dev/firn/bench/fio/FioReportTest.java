package dev.firn.bench.fio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.firn.bench.harness.BenchmarkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class FioReportTest {
    private static final double TOLERANCE = 1e-3;

    @Test
    void shouldReadRateLatencyAndProcessorTimeOfReads() throws Exception {
        final FioReport report = FioReport.parse(recorded("fio-3.33-randread.json"));

        assertThat(report.operationsPerSecond()).isCloseTo(78_634.731, within(TOLERANCE));
        assertThat(report.operations()).isEqualTo(39_396);
        assertThat(report.p50Us()).isCloseTo(346.112, within(TOLERANCE));
        assertThat(report.p99Us()).isCloseTo(2_965.504, within(TOLERANCE));
        // 3.8 % and 34.6 % of a core, shared by 78 635 reads a second.
        assertThat(report.userUsPerOperation()).isCloseTo(0.483, within(TOLERANCE));
        assertThat(report.systemUsPerOperation()).isCloseTo(4.400, within(TOLERANCE));
        assertThat(report.toSample().value()).isEqualTo(report.operationsPerSecond());
        assertThat(report.toSample().allocatedBytesPerOp()).isNull();
    }

    @Test
    void shouldAddTheSyncToTheWriteWhenItReadsAppends() throws Exception {
        final FioReport report = FioReport.parse(recorded("fio-3.33-append.json"));

        assertThat(report.operationsPerSecond()).isCloseTo(5_139.721, within(TOLERANCE));
        assertThat(report.p50Us()).isCloseTo(52.992 + 27.520, within(TOLERANCE));
        assertThat(report.p99Us()).isCloseTo(156.672 + 3_850.240, within(TOLERANCE));
    }

    @Test
    void shouldSkipWhatFioSaysBeforeTheDocument() throws Exception {
        final String output = "note: both iodepth >= 1 and synchronous I/O engine are selected\n"
                + recorded("fio-3.33-randread.json");

        assertThat(FioReport.parse(output).operations()).isEqualTo(39_396);
    }

    @Test
    void shouldRefuseWhatIsNoReport() {
        assertThatThrownBy(() -> FioReport.parse("fio: engine io_uring not loadable\n"))
                .isInstanceOf(BenchmarkException.class)
                .hasMessageContaining("engine io_uring not loadable");
        assertThatThrownBy(() -> FioReport.parse("")).hasMessageContaining("nothing");
        assertThatThrownBy(() -> FioReport.parse("{\"jobs\": [")).hasMessageContaining("does not parse");
        assertThatThrownBy(() -> FioReport.parse("{\"jobs\": [{\"error\": 5}]}"))
                .hasMessageContaining("error 5");
        assertThatThrownBy(() -> FioReport.parse("{\"jobs\": [{\"error\": 0}]}"))
                .hasMessageContaining("no operation");
    }

    private static String recorded(final String name) throws IOException {
        try (InputStream stream = FioReportTest.class.getResourceAsStream("/fio/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
