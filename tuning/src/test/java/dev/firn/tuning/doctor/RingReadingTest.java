package dev.firn.tuning.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.uring.UringSupport;
import dev.firn.tuning.host.FakeHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RingReadingTest {
    private static final UringSupport REFUSED = new UringSupport(
            false, "io_uring is refused", "let it pass", "", false, false, false, false, List.of(), Map.of());

    @TempDir
    Path root;

    private Map<String, Finding> findings(final FakeHost host, final UringSupport support) {
        final List<Finding> findings = new ArrayList<>();
        new RingReading(host.tree(), support).addTo(findings);
        final Map<String, Finding> byName = new TreeMap<>();
        findings.forEach(finding -> byName.put(finding.name(), finding));
        return byName;
    }

    private FakeHost host() {
        return FakeHost.goodBareMetal(root);
    }

    private static UringSupport granted(
            final String flags, final boolean files, final boolean buffers, final Map<String, Boolean> operations) {
        return new UringSupport(
                true, "", "", flags, false, true, files, buffers, List.of("NODROP"), new TreeMap<>(operations));
    }

    @Test
    void shouldSayThatNobodyMayOpenARingWhenTheSysctlIsTwo() {
        final Map<String, Finding> found = findings(host().file("/proc/sys/kernel/io_uring_disabled", "2\n"), REFUSED);

        assertThat(found.get("ring").verdict()).isEqualTo(Verdict.DEGRADED);
        assertThat(found.get("ring").value()).isEqualTo("io_uring is refused");
        assertThat(found.get("ring").remedy()).isEqualTo("let it pass");
        assertThat(found.get("kernel.io_uring_disabled").verdict()).isEqualTo(Verdict.DEGRADED);
        assertThat(found.get("kernel.io_uring_disabled").remedy()).contains("kernel.io_uring_disabled=0");
        assertThat(found).doesNotContainKeys("setup flags", "operations", "registered");
    }

    @Test
    void shouldSayWhichGroupMayWhenTheSysctlIsOne() {
        final FakeHost host = host().file("/proc/sys/kernel/io_uring_disabled", "1\n")
                .file("/proc/sys/kernel/io_uring_group", "991\n");

        assertThat(findings(host, REFUSED).get("kernel.io_uring_disabled"))
                .matches(finding ->
                        finding.verdict() == Verdict.DEGRADED && finding.value().contains("991"));
        assertThat(findings(host, granted("DEFER_TASKRUN", true, true, Map.of()))
                        .get("kernel.io_uring_disabled")
                        .verdict())
                .isEqualTo(Verdict.OK);
    }

    @Test
    void shouldShowTheFilterWhenSeccompDecides() {
        final FakeHost host = host().file("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t0\nSeccomp:\t2\n");

        final Map<String, Finding> found = findings(host, REFUSED);

        assertThat(found.get("seccomp").verdict()).isEqualTo(Verdict.INFO);
        assertThat(found.get("kernel.io_uring_disabled").verdict()).isEqualTo(Verdict.OK);
        assertThat(found.get("ring").verdict()).isEqualTo(Verdict.DEGRADED);
    }

    @Test
    void shouldAskForTheLibraryWhenItIsAbsent() {
        final FakeHost host = host().remove("/usr/lib/x86_64-linux-gnu/liburing.so.2");

        assertThat(findings(host, REFUSED).get("library").remedy()).contains("apt-get install liburing2");
        assertThat(findings(host, granted("DEFER_TASKRUN", true, true, Map.of()))
                        .get("library")
                        .verdict())
                .isEqualTo(Verdict.OK);
    }

    @Test
    void shouldSayWhatAnOldKernelDoesNotGrant() {
        final Map<String, Finding> found =
                findings(host(), granted("COOP_TASKRUN", false, true, Map.of("READ", true, "FALLOCATE", false)));

        assertThat(found.get("ring").verdict()).isEqualTo(Verdict.OK);
        assertThat(found.get("setup flags").verdict()).isEqualTo(Verdict.DEGRADED);
        assertThat(found.get("registered").value()).isEqualTo("refused: files");
        assertThat(found.get("operations").value()).isEqualTo("missing: FALLOCATE");
        assertThat(found.get("submission thread").value()).contains("refused");
    }

    @Test
    void shouldNameMemlockWhenBuffersCannotBeRegistered() {
        assertThat(findings(host(), granted("DEFER_TASKRUN", true, false, Map.of()))
                        .get("registered")
                        .remedy())
                .contains("memlock");
    }
}
