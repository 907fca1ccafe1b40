package dev.firn.tuning.doctor;

import dev.firn.tuning.host.ControlGroup;
import dev.firn.tuning.host.CpuList;
import dev.firn.tuning.host.Cpus;
import dev.firn.tuning.host.SystemTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** Processors, their features, their frequency, and the clock. */
record CpuReading(SystemTree tree, RunningJvm jvm) implements Reading {
    /** Below this, agents that spin take the cores that do the work. */
    static final int GOOD_CORES = 4;

    /** From here on it pays to set cores apart. */
    static final int CORES_TO_ISOLATE = 8;

    private static final String AREA = "cpu";
    private static final List<String> VECTOR_FEATURES = List.of(
            "sse4_2",
            "pclmulqdq",
            "avx2",
            "avx512f",
            "avx512dq",
            "avx512bw",
            "avx512vl",
            "avx512_vbmi2",
            "vaes",
            "vpclmulqdq");

    /** Read through the vDSO, without a system call (Documentation/timers/timekeeping.rst, arch/x86/entry/vdso). */
    private static final Set<String> FAST_CLOCKS =
            Set.of("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter");

    @Override
    public void addTo(final List<Finding> findings) {
        final Cpus cpus = new Cpus(tree);
        findings.add(count(cpus));
        findings.add(checksums(cpus));
        findings.add(vectors(cpus));
        findings.add(governor(cpus));
        findings.add(isolated(cpus));
        findings.add(idle(cpus));
        findings.add(clock(cpus));
    }

    private Finding count(final Cpus cpus) {
        final int online = cpus.online().size();
        final OptionalDouble quota = ControlGroup.of(tree).cpuLimit();
        final String value = online + " x " + (cpus.model().isEmpty() ? jvm.machine() : cpus.model())
                + (quota.isPresent()
                        ? String.format(Locale.ROOT, ", control group limit %.1f", quota.getAsDouble())
                        : "");
        if (quota.isPresent() && quota.getAsDouble() < online) {
            return Finding.degraded(
                    AREA,
                    "processors",
                    value,
                    "once the period's quota is used, every thread stands still until the next period, up to 100 ms",
                    "give the control group whole processors (cpuset) instead of a quota");
        }
        return online >= GOOD_CORES
                ? Finding.ok(AREA, "processors", value)
                : Finding.degraded(
                        AREA,
                        "processors",
                        value,
                        "agents share cores: each wake-up waits for a time slice, so latencies have"
                                + " milliseconds in them",
                        "give it " + GOOD_CORES + " or more; with fewer, agents sleep instead of spinning");
    }

    private Finding checksums(final Cpus cpus) {
        final boolean fast = (cpus.has("sse4_2") && cpus.has("pclmulqdq")) || (cpus.has("crc32") && cpus.has("pmull"));
        return fast
                ? Finding.ok(AREA, "crc32c instruction", "yes")
                : Finding.degraded(
                        AREA,
                        "crc32c instruction",
                        "no",
                        "checksums cost about 1 ns a byte instead of 0.05 ns, on every write and read",
                        "run on a processor with SSE4.2 and PCLMULQDQ, or Arm's crc32 and pmull");
    }

    private Finding vectors(final Cpus cpus) {
        final List<String> found = new ArrayList<>();
        for (final String feature : VECTOR_FEATURES) {
            if (cpus.has(feature)) {
                found.add(feature);
            }
        }
        if (cpus.has("avx512f") && cpus.has("avx512bw") && cpus.has("avx512vl")) {
            return Finding.ok(AREA, "vector instructions", "AVX-512: " + String.join(" ", found));
        }
        if (cpus.has("asimd")) {
            return Finding.ok(AREA, "vector instructions", cpus.has("sve") ? "asimd sve" : "asimd");
        }
        return cpus.has("avx2")
                ? Finding.degraded(
                        AREA,
                        "vector instructions",
                        "AVX2, no AVX-512: " + String.join(" ", found),
                        "columnar encoders handle 32 bytes an instruction instead of 64, without masks",
                        "nothing is needed; a processor with AVX-512 encodes faster")
                : Finding.degraded(
                        AREA,
                        "vector instructions",
                        found.isEmpty() ? "none known" : String.join(" ", found),
                        "columnar encoders handle 16 bytes an instruction at most, and fall to their scalar twins",
                        "run on a processor with AVX2 or AVX-512; in a virtual machine, pass the host's"
                                + " processor through");
    }

    private Finding governor(final Cpus cpus) {
        final Set<String> governors = cpus.governors();
        if (governors.isEmpty()) {
            return Finding.info(AREA, "frequency governor", "none: the frequency is not this host's to set");
        }
        return governors.equals(Set.of("performance"))
                ? Finding.ok(AREA, "frequency governor", "performance")
                : Finding.degraded(
                        AREA,
                        "frequency governor",
                        String.join(", ", governors),
                        "after each pause a core runs slowly for up to milliseconds, just when a request arrives",
                        "firn tune apply sets performance");
    }

    private Finding isolated(final Cpus cpus) {
        final String value = cpus.isolated().isEmpty() && cpus.withoutTick().isEmpty()
                ? "none"
                : "isolated " + shown(cpus.isolated()) + ", without tick " + shown(cpus.withoutTick());
        if (!cpus.isolated().isEmpty()) {
            return Finding.ok(AREA, "isolated cores", value);
        }
        return cpus.isVirtual() || cpus.online().size() < CORES_TO_ISOLATE
                ? Finding.info(AREA, "isolated cores", value)
                : Finding.degraded(
                        AREA,
                        "isolated cores",
                        value,
                        "other threads and interrupts run on the agents' cores: tens of microseconds at the"
                                + " 99th percentile",
                        "firn tune show bare-metal-nvme says which parameters to boot with");
    }

    private Finding idle(final Cpus cpus) {
        final String driver = cpus.idleDriver().orElse("none");
        final boolean polls = driver.equals(Cpus.HALT_POLL)
                && cpus.idleGovernor().orElse("none").equals(Cpus.HALT_POLL);
        if (!cpus.isVirtual() || !polls || cpus.haltPollNs().isEmpty()) {
            return Finding.info(AREA, "idle processors", "driver " + driver);
        }
        final long pollNs = cpus.haltPollNs().getAsLong();
        final String value = "haltpoll, " + pollNs + " ns";
        return pollNs > 0
                ? Finding.ok(AREA, "idle processors", value)
                : Finding.degraded(
                        AREA,
                        "idle processors",
                        value,
                        "each wake-up of a thread on an idle processor goes through the hypervisor: 15 to 40 us,"
                                + " several times a commit",
                        "firn tune apply shared-vm lets a processor look for work before it halts");
    }

    private Finding clock(final Cpus cpus) {
        final String source = cpus.clockSource().orElse("unknown");
        if (source.equals("unknown") || FAST_CLOCKS.contains(source)) {
            return source.equals("unknown")
                    ? Finding.info(AREA, "clock source", source)
                    : Finding.ok(AREA, "clock source", source);
        }
        return Finding.degraded(
                AREA,
                "clock source",
                source + " (there are: " + String.join(" ", cpus.clockSources()) + ")",
                "each look at the clock is a system call of a microsecond or more instead of about 20 ns",
                cpus.clockSources().contains("tsc")
                        ? "firn tune apply sets tsc"
                        : "the kernel found the time stamp counter unstable: dmesg says why; see BIOS and hypervisor");
    }

    private static String shown(final Set<Integer> cpus) {
        return cpus.isEmpty() ? "none" : CpuList.format(cpus);
    }
}
