package dev.firn.tuning.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.uring.UringSupport;
import dev.firn.tuning.host.FakeHost;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorTest {
    private static final Pattern CAMEL_CASE = Pattern.compile("[a-z][A-Za-z]*");
    private static final UringSupport FULL = new UringSupport(
            true,
            "",
            "",
            "SINGLE_ISSUER DEFER_TASKRUN",
            true,
            true,
            true,
            true,
            List.of("NODROP", "EXT_ARG"),
            new TreeMap<>(Map.of("READ", true, "FSYNC", true)));
    private static final RunningJvm GOOD_JVM = new RunningJvm(
            25,
            "25.0.3+9",
            "Temurin",
            "amd64",
            "Linux",
            List.of("ZGC Minor Pauses"),
            true,
            true,
            false,
            true,
            true,
            512,
            1L << 30);

    @TempDir
    Path root;

    private FakeHost host;
    private UringSupport ring = FULL;
    private RunningJvm jvm = GOOD_JVM;

    @BeforeEach
    void makeHost() {
        host = FakeHost.goodBareMetal(root);
    }

    private DoctorReport examine() {
        return new Doctor(root, Path.of("/data"), Map.of("PATH", "/usr/local/bin:/usr/bin"), () -> jvm, () -> ring)
                .examine();
    }

    private Finding finding(final String area, final String name) {
        return examine().findings().stream()
                .filter(finding -> finding.area().equals(area) && finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding " + area + "/" + name));
    }

    private void assertVerdict(
            final String area, final String name, final Verdict verdict, final String valueContains) {
        final Finding finding = finding(area, name);
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(verdict);
        assertThat(finding.value()).contains(valueContains);
    }

    @Test
    void shouldFindNothingLackingWhenTheHostIsTuned() {
        final DoctorReport report = examine();

        assertThat(report.findings())
                .filteredOn(finding -> finding.verdict() == Verdict.DEGRADED || finding.verdict() == Verdict.MISSING)
                .isEmpty();
        assertThat(report.canRun()).isTrue();
        assertThat(report.toTable(false)).contains("with nothing lacking").doesNotContain("\u001b");
    }

    @Test
    void shouldSayCostAndRemedyOfEveryLackAndOfNothingElse() {
        host.remove("/dev/fuse").file("/proc/sys/vm/swappiness", "60\n").processors(2, "powersave");
        ring = new UringSupport(
                false, "switched off", "switch it on", "", false, false, false, false, List.of(), Map.of());

        assertThat(examine().findings()).allSatisfy(finding -> {
            final boolean lacks = finding.verdict() == Verdict.DEGRADED || finding.verdict() == Verdict.MISSING;
            assertThat(finding.cost().isEmpty()).as(finding.toString()).isEqualTo(!lacks);
            assertThat(finding.remedy().isEmpty()).as(finding.toString()).isEqualTo(!lacks);
        });
    }

    @Test
    void shouldNotRunOnAnOlderJdk() {
        jvm = new RunningJvm(
                21,
                "21.0.9",
                "x",
                "amd64",
                "Linux",
                List.of("G1 Young Generation"),
                false,
                false,
                false,
                false,
                false,
                0,
                1);

        final DoctorReport report = examine();

        assertThat(report.canRun()).isFalse();
        assertThat(report.count(Verdict.MISSING)).isEqualTo(1);
        assertVerdict("java", "jdk", Verdict.MISSING, "21.0.9");
        assertVerdict("java", "garbage collector", Verdict.DEGRADED, "G1");
        assertVerdict("java", "compact object headers", Verdict.DEGRADED, "off");
        assertVerdict("java", "native access", Verdict.DEGRADED, "not enabled");
        assertVerdict("java", "vector module", Verdict.DEGRADED, "not there");
        assertVerdict("java", "opened internals", Verdict.DEGRADED, "jdk.internal.misc");
        assertThat(report.toTable(false)).contains("Firn cannot run here: 1 missing");
    }

    @Test
    void shouldNotRunWhenNativeAccessIsDenied() {
        jvm = new RunningJvm(25, "25", "x", "amd64", "Linux", List.of("ZGC"), true, false, true, true, true, 512, 1);

        assertVerdict("java", "native access", Verdict.MISSING, "denied");
    }

    @Test
    void shouldSayWhatMemoryLacks() {
        host.file("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\nSeccomp:\t0\n")
                .file("/proc/self/limits", """
                        Max open files            1024                 4096                 files
                        Max locked memory         8388608              8388608              bytes
                        """)
                .file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n")
                .file("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n")
                .file("/proc/sys/kernel/numa_balancing", "1\n")
                .file("/proc/sys/vm/swappiness", "60\n")
                .file("/proc/meminfo", """
                        MemTotal:       67108864 kB
                        MemAvailable:   62914560 kB
                        SwapTotal:       2097152 kB
                        SwapFree:        1048576 kB
                        """)
                .file("/sys/fs/cgroup/system.slice/memory.max", "2147483648\n");

        assertVerdict("memory", "memlock", Verdict.DEGRADED, "8 MiB");
        assertVerdict("memory", "huge pages", Verdict.DEGRADED, "8192 of 2 MiB, 0 free");
        assertThat(finding("memory", "huge pages").cost()).contains("used up");
        assertVerdict("memory", "transparent huge pages", Verdict.DEGRADED, "always");
        assertVerdict("memory", "numa nodes", Verdict.DEGRADED, "2, automatic balancing on");
        assertVerdict("memory", "swap", Verdict.DEGRADED, "2 GiB, 1 GiB used, vm.swappiness 60");
        assertVerdict("memory", "size", Verdict.DEGRADED, "control group limit 2 GiB");
        assertVerdict("files", "open files", Verdict.DEGRADED, "1024, at most 4096");
    }

    @Test
    void shouldLiftTheMemlockLimitWhenTheProcessHasTheCapability() {
        host.file("/proc/self/limits", "Max locked memory         8388608              8388608              bytes\n");

        assertVerdict("memory", "memlock", Verdict.OK, "8 MiB, lifted by CAP_IPC_LOCK");
    }

    @Test
    void shouldSayWhatTheProcessorsLack() {
        host.processors(16, "powersave")
                .file("/proc/cpuinfo", "model name\t: Xeon\nflags\t\t: sse4_2 pclmulqdq avx2\n")
                .file("/sys/fs/cgroup/system.slice/firn.service/cpu.max", "200000 100000\n")
                .file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");

        assertVerdict("cpu", "processors", Verdict.DEGRADED, "16 x Xeon, control group limit 2.0");
        assertVerdict("cpu", "vector instructions", Verdict.DEGRADED, "AVX2, no AVX-512");
        assertVerdict("cpu", "frequency governor", Verdict.DEGRADED, "powersave");
        assertVerdict("cpu", "isolated cores", Verdict.DEGRADED, "none");
        assertVerdict("cpu", "clock source", Verdict.DEGRADED, "hpet (there are: tsc hpet acpi_pm)");
        assertThat(finding("cpu", "clock source").remedy()).contains("sets tsc");
    }

    @Test
    void shouldAcceptAnArmServer() {
        host.file("/proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd aes pmull sha1 crc32 sve\n");

        assertVerdict("cpu", "crc32c instruction", Verdict.OK, "yes");
        assertVerdict("cpu", "vector instructions", Verdict.OK, "asimd sve");
    }

    @Test
    void shouldSayWhatHaltedProcessorsOfAGuestCost() {
        assertVerdict("cpu", "idle processors", Verdict.INFO, "driver none");

        host.haltPolling(0);
        assertVerdict("cpu", "idle processors", Verdict.DEGRADED, "haltpoll, 0 ns");
        assertThat(finding("cpu", "idle processors").remedy()).contains("firn tune apply shared-vm");

        host.haltPolling(200_000);
        assertVerdict("cpu", "idle processors", Verdict.OK, "haltpoll, 200000 ns");
    }

    @Test
    void shouldNotAskAVirtualMachineToIsolateCores() {
        host.processors(16, "powersave").file("/proc/cpuinfo", "flags\t\t: hypervisor sse4_2 pclmulqdq\n");

        assertVerdict("cpu", "isolated cores", Verdict.INFO, "none");
        assertVerdict("host", "machine", Verdict.INFO, "virtual machine (Supermicro)");
    }

    @Test
    void shouldSayWhatTheHostLacks() {
        host.file("/proc/sys/kernel/osrelease", "5.15.0-91-generic\n")
                .remove("/proc/812/comm")
                .file("/proc/1/cgroup", "0::/kubepods/burstable/pod1\n")
                .remove("/usr/lib/postgresql/17/bin/postgres")
                .remove("/usr/bin/fio")
                .remove("/usr/bin/fusermount3");

        assertVerdict("host", "kernel", Verdict.DEGRADED, "5.15.0");
        assertVerdict("host", "time synchronisation", Verdict.DEGRADED, "no daemon");
        assertVerdict("host", "container", Verdict.INFO, "kubepods");
        assertVerdict("programs", "postgres 15", Verdict.OK, "/usr/lib/postgresql/15/bin/postgres");
        assertVerdict("programs", "postgres 17", Verdict.DEGRADED, "not found");
        assertVerdict("programs", "fio", Verdict.DEGRADED, "not found");
        assertVerdict("files", "fuse helper", Verdict.INFO, "may mount without it");
    }

    @Test
    void shouldFindPostgresBehindALinkInThePath() {
        host.remove("/usr/lib/postgresql/17/bin/postgres")
                .program("/usr/pgsql-17/bin/postgres")
                .link("/usr/local/bin/postgres", "/usr/pgsql-17/bin/postgres")
                .program("/usr/lib/postgresql/16/bin/postgres");

        assertVerdict("programs", "postgres 17", Verdict.OK, "/usr/local/bin/postgres");
        assertVerdict("programs", "postgres 16", Verdict.INFO, "/usr/lib/postgresql/16");
    }

    @Test
    void shouldMakeADocumentOfPlainValuesWithCamelCaseKeys() {
        final Map<String, Object> json = examine().toJson();

        assertPlain(json);
        assertThat(json).containsKeys("canRun", "counts", "findings").containsEntry("canRun", true);
        assertThat((List<?>) json.get("findings")).hasSameSizeAs(examine().findings());
    }

    @Test
    void shouldColourVerdictsOnlyWhenAsked() {
        assertThat(examine().toTable(true)).contains("\u001b[32mok\u001b[0m");
    }

    static void assertPlain(final Object value) {
        switch (value) {
            case final Map<?, ?> map ->
                map.forEach((key, inner) -> {
                    assertThat((String) key).matches(CAMEL_CASE);
                    assertPlain(inner);
                });
            case final List<?> list -> list.forEach(DoctorTest::assertPlain);
            default -> assertThat(value).isInstanceOfAny(String.class, Number.class, Boolean.class);
        }
    }
}
