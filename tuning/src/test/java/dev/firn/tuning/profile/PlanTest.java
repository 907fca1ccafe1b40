package dev.firn.tuning.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.tuning.host.FakeHost;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanTest {
    private static final String HALT_POLL = "haltpoll.guest_halt_poll_ns";

    @TempDir
    Path root;

    private FakeHost host;

    @BeforeEach
    void makeHost() {
        host = FakeHost.untunedBareMetal(root);
    }

    private TuningPlan show(final String profile, final String... jvmArguments) {
        return new Tuner(
                        root,
                        root.resolve("state"),
                        FixedClock.INSTANCE,
                        List.of(jvmArguments),
                        List.of(new BareMetalNvmeProfile(), new SharedVmProfile()))
                .show(profile);
    }

    private PlannedSetting bareMetal(final String name, final String... jvmArguments) {
        return setting(show("bare-metal-nvme", jvmArguments), name);
    }

    private static PlannedSetting setting(final TuningPlan plan, final String name) {
        return plan.settings().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no setting " + name));
    }

    private void assertNotApplicable(final String name, final String noteContains) {
        assertThat(bareMetal(name).state()).isEqualTo(SettingState.NOT_APPLICABLE);
        assertThat(bareMetal(name).note()).contains(noteContains);
    }

    @Test
    void shouldNameEachSettingOnceAndSayWhyInOneSentence() {
        for (final String profile : List.of("bare-metal-nvme", "shared-vm")) {
            final List<PlannedSetting> settings = show(profile).settings();
            assertThat(settings).extracting(PlannedSetting::name).doesNotHaveDuplicates();
            assertThat(settings).allSatisfy(setting -> {
                assertThat(setting.why()).endsWith(".").hasSizeBetween(20, 220);
                assertThat(setting.state() == SettingState.NOT_APPLICABLE
                                && setting.note().isEmpty())
                        .isFalse();
            });
        }
    }

    @Test
    void shouldSizeTheHugePagePoolToAQuarterOfMemoryWithinItsLimit() {
        assertThat(bareMetal("vm.nr_hugepages").wanted()).isEqualTo("8192");
        assertThat(setting(show("shared-vm"), "vm.nr_overcommit_hugepages").wanted())
                .isEqualTo("4096");

        host.file("/proc/meminfo", "MemTotal: 2147483648 kB\nHugepagesize: 2048 kB\n");

        assertThat(bareMetal("vm.nr_hugepages").wanted()).isEqualTo(Long.toString(MemorySettings.MAX_HUGE_PAGES));
    }

    @Test
    void shouldNotCountHugePagesOfAnotherSize() {
        host.file("/proc/meminfo", "MemTotal: 67108864 kB\nHugepagesize: 1048576 kB\n");

        assertNotApplicable("vm.nr_hugepages", "default_hugepagesz=2M");
    }

    @Test
    void shouldAdviseToIsolateTheUpperCoresOfTheDrivesNode() {
        final PlannedSetting isolation = bareMetal("isolcpus");

        assertThat(isolation.state()).isEqualTo(SettingState.ADVISED);
        assertThat(isolation.wanted()).isEqualTo("managed_irq,domain,6-7,14-15");
        assertThat(isolation.note())
                .isEqualTo("needs a reboot: add isolcpus=managed_irq,domain,6-7,14-15 to the kernel's command line");
        assertThat(bareMetal("nohz_full").wanted()).isEqualTo("6-7,14-15");
    }

    @Test
    void shouldHoldWhenTheHostWasBootedSo() {
        host.file("/proc/cmdline", "quiet rcu_nocbs=1 isolcpus=managed_irq,domain,6-7,14-15 rcu_nocbs=6-7,14-15\n");

        assertThat(bareMetal("isolcpus").state()).isEqualTo(SettingState.HOLDS);
        assertThat(bareMetal("rcu_nocbs").state()).isEqualTo(SettingState.HOLDS);
        assertThat(bareMetal("nohz_full").state()).isEqualTo(SettingState.ADVISED);
    }

    @Test
    void shouldNeverIsolateTheFirstCoreNorMoreThanAgentsNeed() {
        host.processors(256, "schedutil").file("/sys/devices/nvme0/device/numa_node", "0\n");

        final var cpus = ProcessorSettings.toIsolate(HostFacts.read(host.tree(), List.of()));

        assertThat(cpus).doesNotContain(0, 128).hasSize(2 * ProcessorSettings.MAX_ISOLATED_CORES);
    }

    @Test
    void shouldNotIsolateOnASmallOrVirtualHost() {
        host.processors(4, "schedutil");
        assertNotApplicable("isolcpus", "fewer than 8 processors");

        host.processors(16, "schedutil").file("/proc/cpuinfo", "flags\t\t: hypervisor\n");
        assertNotApplicable("nohz_full", "hypervisor");
    }

    @Test
    void shouldLookAtTheJvmsFlags() {
        assertThat(bareMetal("-XX:+AlwaysPreTouch").state()).isEqualTo(SettingState.ADVISED);
        assertThat(bareMetal("-XX:+AlwaysPreTouch", "-XX:+AlwaysPreTouch").state())
                .isEqualTo(SettingState.HOLDS);
    }

    @Test
    void shouldLeaveOutWhatTheHostDoesNotHave() {
        host.remove("/proc/sys/kernel/io_uring_disabled")
                .remove("/proc/sys/vm/stat_interval")
                .file("/sys/devices/system/node/online", "0\n")
                .file("/sys/devices/system/clocksource/clocksource0/available_clocksource", "hpet\n")
                .file("/sys/devices/system/cpu/cpufreq/policy0/scaling_available_governors", "schedutil\n");

        assertNotApplicable("kernel.io_uring_disabled", "this kernel does not have it");
        assertNotApplicable("vm.stat_interval", "this kernel does not have it");
        assertNotApplicable("kernel.numa_balancing", "one NUMA node");
        assertNotApplicable("clocksource", "does not offer tsc");
        assertNotApplicable("policy0.governor", "offers only: schedutil");
        assertThat(bareMetal("reboot.sysctl").wanted()).doesNotContain("stat_interval", "numa_balancing");
    }

    @Test
    void shouldLeaveTheHypervisorsClockAlone() {
        host.file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "kvm-clock\n");

        assertNotApplicable("clocksource", "kvm-clock is read without a system call too");
    }

    @Test
    void shouldLetAGuestsProcessorsLookForWorkBeforeTheyHalt() {
        host.haltPolling(0);
        final PlannedSetting polls = setting(show("shared-vm"), HALT_POLL);
        assertThat(polls.state()).isEqualTo(SettingState.DIFFERS);
        assertThat(polls.where()).isEqualTo("/sys/module/haltpoll/parameters/guest_halt_poll_ns");
        assertThat(polls.wanted()).isEqualTo("200000");
        assertThat(setting(show("shared-vm"), "reboot.tmpfiles").wanted())
                .contains("w /sys/module/haltpoll/parameters/guest_halt_poll_ns - - - - 200000");

        host.haltPolling(400_000);
        assertThat(setting(show("shared-vm"), HALT_POLL).state()).isEqualTo(SettingState.HOLDS);
    }

    @Test
    void shouldLeaveIdleProcessorsAloneThatNobodyPollsFor() {
        assertThat(setting(show("shared-vm"), HALT_POLL).note()).contains("not a virtual machine");

        host.haltPolling(0).file("/sys/devices/system/cpu/cpuidle/current_governor", "menu\n");
        assertThat(setting(show("shared-vm"), HALT_POLL).note()).contains("haltpoll with the governor menu");

        host.remove("/sys/devices/system/cpu/cpuidle/current_driver");
        assertThat(setting(show("shared-vm"), HALT_POLL).note()).contains("driven by none");
    }

    @Test
    void shouldSayThatThereIsNoNvmeDrive() {
        host.remove("/sys/block/nvme0n1");

        assertNotApplicable("nvme.scheduler", "no NVMe drive");
    }

    @Test
    void shouldTouchOnlyVirtualAndNvmeDisksOfASharedHost() {
        final String spinning = "/sys/devices/pci0000:00/ata1/block/sda";
        host.virtualDisk().file(spinning + "/queue/scheduler", "none [bfq]\n").link("/sys/block/sda", spinning);

        assertThat(show("shared-vm").settings())
                .extracting(PlannedSetting::name)
                .contains("vda.scheduler", "vda.read_ahead_kb", "nvme0n1.scheduler")
                .noneMatch(name -> name.startsWith("sda"));
    }

    @Test
    void shouldWriteTheFilesThatSetTheSameAtBoot() {
        assertThat(bareMetal("reboot.sysctl").wanted())
                .startsWith(OwnedFile.HEADER)
                .contains("\nvm.nr_hugepages = 8192\n", "\nvm.dirty_bytes = 1073741824\n", "\nvm.swappiness = 1\n");
        assertThat(bareMetal("reboot.tmpfiles").wanted())
                .contains(
                        "\nw /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise\n",
                        "\nw /sys/devices/system/cpu/cpufreq/policy0/scaling_governor - - - - performance\n")
                .doesNotContain("/sys/block");
        assertThat(bareMetal("reboot.udev").wanted())
                .contains("ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\","
                        + " KERNEL==\"nvme[0-9]*n[0-9]*\", ATTR{queue/scheduler}=\"none\"\n");
    }

    @Test
    void shouldKeepDisksByTmpfilesWhereThereIsNoUdev() {
        host.remove("/usr/bin/udevadm");

        assertNotApplicable("reboot.udev", "no udev here");
        assertThat(bareMetal("reboot.tmpfiles").wanted())
                .contains("\nw /sys/block/nvme0n1/queue/scheduler - - - - none\n");
    }

    @Test
    void shouldSayThatNothingKeepsAttributesWhereThereIsNoSystemd() {
        host.remove("/usr/bin/systemd-tmpfiles").remove("/run/systemd/system");

        assertNotApplicable("reboot.tmpfiles", "after each boot");
        assertNotApplicable("limits.services", "systemd does not run here");
    }

    @Test
    void shouldShowWhatItLeavesAloneAndWhy() {
        assertNotApplicable("fs.aio-max-nr", "io_uring does not count against it");
        assertNotApplicable("nvme.poll_queues", "stand idle");
        assertNotApplicable("nvme.queue-interrupts", "isolcpus=managed_irq");
    }

    @Test
    void shouldMakeDocumentsWithTheSameContentAsTheTable() {
        final Map<String, Object> json = show("bare-metal-nvme").toJson();

        assertThat(json).containsEntry("profile", "bare-metal-nvme");
        assertThat((List<?>) json.get("settings"))
                .allSatisfy(setting -> assertThat(((Map<?, ?>) setting).keySet())
                        .extracting(Object::toString)
                        .containsExactly("name", "kind", "where", "current", "wanted", "state", "why", "note"));
        assertThat(show("bare-metal-nvme").toTable(false))
                .contains("vm.swappiness", "needs a reboot: add")
                .doesNotContain("\u001b");
    }
}
