package dev.firn.tuning.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.uring.UringSupport;
import dev.firn.tuning.host.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real readings, held against what the JDK says by other ways. */
final class DoctorOnThisHostTest {
    @TempDir
    Path directory;

    private DoctorReport examine() {
        return new Doctor(Path.of("/"), directory.resolve("data"), System.getenv()).examine();
    }

    private static Finding finding(final DoctorReport report, final String area, final String name) {
        return report.findings().stream()
                .filter(finding -> finding.area().equals(area) && finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding " + area + "/" + name));
    }

    @Test
    void shouldSayThatFirnCanRunWhereItsTestsRun() {
        final DoctorReport report = examine();

        assertThat(report.canRun()).as(report.toTable(false)).isTrue();
        DoctorTest.assertPlain(report.toJson());
    }

    @Test
    void shouldReadTheJvmThatRunsIt() {
        final DoctorReport report = examine();

        assertThat(finding(report, "java", "jdk").value())
                .startsWith(Runtime.version().toString());
        assertThat(finding(report, "java", "garbage collector").verdict()).isEqualTo(Verdict.OK);
        assertThat(finding(report, "java", "compact object headers").verdict()).isEqualTo(Verdict.OK);
        assertThat(finding(report, "java", "native access").verdict()).isEqualTo(Verdict.OK);
        assertThat(finding(report, "java", "vector module").value()).containsPattern("[1-9]\\d* bits");
        assertThat(finding(report, "java", "opened internals").verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void shouldSayTheTruthAboutTheRing() {
        final UringSupport support = UringSupport.probe();

        final Finding ring = finding(examine(), "io_uring", "ring");

        assertThat(ring.verdict()).isEqualTo(support.available() ? Verdict.OK : Verdict.DEGRADED);
        assertThat(support.available() ? "opened and closed" : support.reason()).isEqualTo(ring.value());
    }

    @Test
    void shouldReadThisKernelAndItsMemory() throws IOException {
        final DoctorReport report = examine();

        assertThat(finding(report, "host", "kernel").value()).isEqualTo(System.getProperty("os.version"));
        final long totalKib = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
        assertThat(finding(report, "memory", "size").value()).startsWith(Bytes.format(totalKib * Bytes.KIB));
    }

    @Test
    void shouldNameTheFileSystemOfTheDataDirectory() throws IOException {
        assertThat(finding(examine(), "storage", "file system").value())
                .startsWith(Files.getFileStore(directory).type() + " on ");
    }

    @Test
    void shouldChangeNothingInTheDataDirectory() {
        examine();

        assertThat(directory.resolve("data")).doesNotExist();
        assertThat(new Doctor(Path.of("/"), directory, Map.of()).examine().canRun())
                .isTrue();
        assertThat(directory).isEmptyDirectory();
    }
}
