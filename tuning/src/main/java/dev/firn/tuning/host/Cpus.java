package dev.firn.tuning.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The processors: what they can do, how they are laid out, which are set apart. */
public final class Cpus {
    private static final String CPU = "/sys/devices/system/cpu/";
    /** The name of both the idle driver and the governor that let a guest's processor look for work before it halts. */
    public static final String HALT_POLL = "haltpoll";

    /** Documentation/virt/guest-halt-polling.rst. */
    public static final String HALT_POLL_FILE = "/sys/module/haltpoll/parameters/guest_halt_poll_ns";

    private static final String NODE = "/sys/devices/system/node/";

    private final SystemTree tree;
    private final Set<String> features = new HashSet<>();
    private final String model;

    public Cpus(final SystemTree tree) {
        this.tree = tree;
        String name = "";
        for (final String line : tree.readLines("/proc/cpuinfo")) {
            final String[] parts = line.split("\\s*:\\s*", 2);
            if (parts.length == 2 && parts[0].equals("model name")) {
                name = parts[1];
            } else if (parts.length == 2 && (parts[0].equals("flags") || parts[0].equals("Features"))) {
                features.addAll(List.of(parts[1].split("\\s+", -1)));
                break;
            }
        }
        this.model = name;
    }

    public String model() {
        return model;
    }

    /** The kernel's names of the first processor's features: {@code avx512f}, {@code sse4_2}; {@code asimd} on Arm. */
    public boolean has(final String feature) {
        return features.contains(feature);
    }

    public boolean isVirtual() {
        return has("hypervisor");
    }

    public SortedSet<Integer> online() {
        return CpuList.parse(tree.read(CPU + "online").orElse(""));
    }

    /** Taken from the scheduler by {@code isolcpus=} on the kernel's command line. */
    public SortedSet<Integer> isolated() {
        return CpuList.parse(tree.read(CPU + "isolated").orElse(""));
    }

    /** Without the timer tick while one thread runs there; the kernel writes {@code (null)} for none. */
    public SortedSet<Integer> withoutTick() {
        return CpuList.parse(tree.read(CPU + "nohz_full").orElse(""));
    }

    public SortedSet<Integer> nodes() {
        return CpuList.parse(tree.read(NODE + "online").orElse("0"));
    }

    public SortedSet<Integer> ofNode(final int node) {
        return CpuList.parse(tree.read(NODE + "node" + node + "/cpulist").orElse(""));
    }

    /** The hardware threads that share this one's core, itself included. */
    public SortedSet<Integer> siblings(final int cpu) {
        final SortedSet<Integer> siblings = CpuList.parse(
                tree.read(CPU + "cpu" + cpu + "/topology/thread_siblings_list").orElse(""));
        return siblings.isEmpty() ? new TreeSet<>(Set.of(cpu)) : siblings;
    }

    /** The directories of the frequency policies; empty where the host does not let go of the frequency. */
    public List<String> frequencyPolicies() {
        final List<String> policies = new ArrayList<>();
        for (final String policy : tree.list(CPU + "cpufreq", name -> name.startsWith("policy"))) {
            policies.add(CPU + "cpufreq/" + policy);
        }
        return policies;
    }

    /** The governors in use, each once. */
    public SortedSet<String> governors() {
        final SortedSet<String> governors = new TreeSet<>();
        for (final String policy : frequencyPolicies()) {
            tree.read(policy + "/scaling_governor").ifPresent(governors::add);
        }
        return governors;
    }

    /** Who puts an idle processor to sleep; of a virtual machine {@code haltpoll} may look for work first. */
    public Optional<String> idleDriver() {
        return tree.read(CPU + "cpuidle/current_driver");
    }

    public Optional<String> idleGovernor() {
        return tree.read(CPU + "cpuidle/current_governor").or(() -> tree.read(CPU + "cpuidle/current_governor_ro"));
    }

    /** How long an idle processor looks for work before it halts and leaves to the hypervisor; empty when unknown. */
    public OptionalLong haltPollNs() {
        return tree.readLong(HALT_POLL_FILE);
    }

    public Optional<String> clockSource() {
        return tree.read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    }

    public List<String> clockSources() {
        return tree.read("/sys/devices/system/clocksource/clocksource0/available_clocksource")
                .map(Choices::all)
                .orElse(List.of());
    }
}
