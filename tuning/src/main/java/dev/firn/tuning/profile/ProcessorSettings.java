package dev.firn.tuning.profile;

import dev.firn.tuning.host.CpuList;
import dev.firn.tuning.host.Cpus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Frequency, clock, and the cores that agents have to themselves. */
final class ProcessorSettings {
    /** Below this many hardware threads everything needs every core. */
    static final int MIN_PROCESSORS_TO_ISOLATE = 8;

    /** More agents than this do not spin on one host. */
    static final int MAX_ISOLATED_CORES = 16;

    /**
     * The kernel's own default (drivers/cpuidle/governors/haltpoll.c), which some images set to 0: longer than a flush
     * of a fast disk, and shrunk by the kernel where nothing comes in that time.
     */
    static final long HALT_POLL_NS = 200_000;

    private static final String CLOCK = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

    private ProcessorSettings() {}

    static List<Setting> governors(final HostFacts host) {
        final String why = "A core that slows down while idle takes up to milliseconds to speed up, just when a request"
                + " arrives.";
        final List<Setting> settings = new ArrayList<>();
        for (final String policy : host.cpus().frequencyPolicies()) {
            final String offered =
                    host.tree().read(policy + "/scaling_available_governors").orElse("performance");
            settings.add(Setting.sysfs(
                            policy.substring(policy.lastIndexOf('/') + 1) + ".governor",
                            policy + "/scaling_governor",
                            Match.EXACT,
                            "performance",
                            why)
                    .unless(offered.contains("performance") ? "" : "the driver offers only: " + offered));
        }
        if (settings.isEmpty()) {
            settings.add(Setting.sysfs(
                            "cpufreq.governor",
                            "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
                            Match.EXACT,
                            "performance",
                            why)
                    .unless("the frequency is not this host's to set: firmware or hypervisor keep it"));
        }
        return settings;
    }

    static Setting clockSource(final HostFacts host) {
        final String current = host.cpus().clockSource().orElse("");
        final String obstacle;
        if (current.equals("kvm-clock") || current.equals("hyperv_clocksource_tsc_page")) {
            obstacle = current + " is read without a system call too, and follows the hypervisor's corrections";
        } else {
            obstacle = host.cpus().clockSources().contains("tsc")
                    ? ""
                    : "the kernel does not offer tsc: it found it unstable, or the processor has another clock";
        }
        return Setting.sysfs(
                        "clocksource",
                        CLOCK,
                        Match.EXACT,
                        "tsc",
                        "The time stamp counter is read in about 20 ns without a system call; others take"
                                + " microseconds.")
                .unless(obstacle);
    }

    /** A virtual machine's only: bare metal has no hypervisor whose exit costs so much. */
    static Setting haltPoll(final HostFacts host) {
        final Cpus cpus = host.cpus();
        final String driver = cpus.idleDriver().orElse("none");
        final String governor = cpus.idleGovernor().orElse("none");
        String obstacle = "";
        if (!cpus.isVirtual()) {
            obstacle = "not a virtual machine: an idle core is woken without a hypervisor";
        } else if (!driver.equals(Cpus.HALT_POLL) || !governor.equals(Cpus.HALT_POLL)) {
            obstacle = "idle processors are driven by " + driver + " with the governor " + governor
                    + ", which do not look at it";
        }
        return Setting.sysfs(
                        "haltpoll.guest_halt_poll_ns",
                        Cpus.HALT_POLL_FILE,
                        Match.AT_LEAST,
                        Long.toString(HALT_POLL_NS),
                        "A halted processor of a virtual machine is woken through the hypervisor, 15 to 40 us several"
                                + " times a commit; one that looks for work before it halts is not.")
                .unless(obstacle);
    }

    static Setting autogroup() {
        return Setting.sysctl(
                "kernel.sched_autogroup_enabled",
                "0",
                "With it all threads started from one terminal share one session's weight, however many"
                        + " agents they are.");
    }

    static Setting statisticsInterval() {
        return Setting.sysctlAtLeast(
                "vm.stat_interval",
                10,
                "Each second a kernel worker wakes on every core to fold counters, on the agents' cores"
                        + " too; ten seconds do.");
    }

    static Setting lockupWatchdog() {
        return Setting.sysctl(
                "kernel.nmi_watchdog",
                "0",
                "The hard-lockup detector interrupts every core with an NMI, which nothing can hold off, and takes a"
                        + " performance counter.");
    }

    /** Advice: which cores to set apart at boot, and from what. */
    static List<Setting> isolation(final HostFacts host) {
        final SortedSet<Integer> cpus = toIsolate(host);
        final String list = CpuList.format(cpus);
        String obstacle = "";
        if (host.cpus().isVirtual()) {
            obstacle = "a virtual machine's processors are the hypervisor's to schedule";
        } else if (cpus.isEmpty()) {
            obstacle = "fewer than " + MIN_PROCESSORS_TO_ISOLATE + " processors: everything needs every core";
        }
        return List.of(
                Setting.bootParameter(
                                "isolcpus",
                                "managed_irq,domain," + list,
                                "Keeps other threads off the cores where agents spin; managed_irq keeps off the NVMe"
                                        + " queues' interrupts, whose cores only the kernel chooses.")
                        .unless(obstacle),
                Setting.bootParameter(
                                "nohz_full",
                                list,
                                "Stops the timer tick on a core while one agent runs there: no interrupt"
                                        + " every 1 to 4 ms.")
                        .unless(obstacle),
                Setting.bootParameter(
                                "rcu_nocbs",
                                list,
                                "Moves RCU's callbacks to other cores; nohz_full implies it only where the kernel was"
                                        + " built with it.")
                        .unless(obstacle));
    }

    /**
     * The upper half of the cores of the node that the first NVMe drive hangs on, whole cores with all their hardware
     * threads, never the core of CPU 0, which takes what nobody else may.
     */
    static SortedSet<Integer> toIsolate(final HostFacts host) {
        final Cpus cpus = host.cpus();
        if (cpus.online().size() < MIN_PROCESSORS_TO_ISOLATE) {
            return new TreeSet<>();
        }
        final int node = host.disks().stream()
                .filter(disk -> disk.isNvme() && disk.numaNode() >= 0)
                .mapToInt(disk -> disk.numaNode())
                .findFirst()
                .orElse(0);
        final SortedSet<Integer> ofNode = cpus.ofNode(node);
        final List<SortedSet<Integer>> cores = cores(cpus, ofNode.isEmpty() ? cpus.online() : ofNode);
        final SortedSet<Integer> chosen = new TreeSet<>();
        final int first = Math.max((cores.size() + 1) / 2, cores.size() - MAX_ISOLATED_CORES);
        cores.subList(first, cores.size()).stream()
                .filter(core -> !core.contains(0))
                .forEach(chosen::addAll);
        return chosen;
    }

    private static List<SortedSet<Integer>> cores(final Cpus cpus, final Collection<Integer> of) {
        final List<SortedSet<Integer>> cores = new ArrayList<>();
        final SortedSet<Integer> left = new TreeSet<>(of);
        while (!left.isEmpty()) {
            final SortedSet<Integer> core = cpus.siblings(left.first());
            core.retainAll(of);
            core.add(left.first());
            left.removeAll(core);
            cores.add(core);
        }
        return cores;
    }
}
