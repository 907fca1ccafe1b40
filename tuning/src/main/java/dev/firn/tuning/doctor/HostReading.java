package dev.firn.tuning.doctor;

import dev.firn.tuning.host.Cpus;
import dev.firn.tuning.host.SystemTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kernel, virtual machine, container, time synchronisation. */
record HostReading(SystemTree tree, RunningJvm jvm) implements Reading {
    /** Looked at to find a daemon that keeps the time; more processes than this are not looked at. */
    static final int MAX_PROCESSES = 1_024;

    private static final String AREA = "host";

    /** IORING_SETUP_DEFER_TASKRUN came with 6.1 (io_uring_setup(2)). */
    private static final int GOOD_MAJOR = 6;

    private static final int GOOD_MINOR = 1;
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);
    private static final Pattern PROCESS = Pattern.compile("\\d+");
    private static final List<String> TIME_DAEMONS =
            List.of("chronyd", "systemd-timesyn", "ntpd", "ntpsec", "openntpd", "ptp4l", "phc2sys");

    @Override
    public void addTo(final List<Finding> findings) {
        findings.add(kernel());
        findings.add(machine());
        findings.add(container());
        findings.add(timeSynchronisation());
    }

    private Finding kernel() {
        if (!jvm.operatingSystem().equalsIgnoreCase("linux")) {
            return Finding.missing(
                    AREA, "kernel", jvm.operatingSystem(), "Firn speaks to Linux only", "run it on a Linux host");
        }
        final String release = tree.read("/proc/sys/kernel/osrelease").orElse("unknown");
        final Matcher match = RELEASE.matcher(release);
        if (!match.matches()) {
            return Finding.info(AREA, "kernel", release);
        }
        final int major = Integer.parseInt(match.group(1));
        final int minor = Integer.parseInt(match.group(2));
        return major > GOOD_MAJOR || (major == GOOD_MAJOR && minor >= GOOD_MINOR)
                ? Finding.ok(AREA, "kernel", release)
                : Finding.degraded(
                        AREA,
                        "kernel",
                        release,
                        "io_uring cannot defer completion work to the thread that owns the ring:"
                                + " completions interrupt it",
                        "upgrade to Linux 6.1 or later");
    }

    private Finding machine() {
        final String product = (tree.read("/sys/class/dmi/id/sys_vendor").orElse("") + " "
                        + tree.read("/sys/class/dmi/id/product_name").orElse(""))
                .strip();
        final Optional<String> hypervisor = tree.read("/sys/hypervisor/type");
        if (new Cpus(tree).isVirtual() || hypervisor.isPresent()) {
            final String by = hypervisor.orElse(product);
            return Finding.info(AREA, "machine", "virtual machine" + (by.isEmpty() ? "" : " (" + by + ")"));
        }
        return Finding.info(AREA, "machine", "bare metal" + (product.isEmpty() ? "" : " (" + product + ")"));
    }

    private Finding container() {
        final List<String> signs = new ArrayList<>();
        if (tree.exists("/.dockerenv")) {
            signs.add("/.dockerenv");
        }
        if (tree.exists("/run/.containerenv")) {
            signs.add("/run/.containerenv");
        }
        final String groups = tree.read("/proc/1/cgroup").orElse("").toLowerCase(Locale.ROOT);
        for (final String runtime : List.of("docker", "kubepods", "containerd", "lxc", "libpod")) {
            if (groups.contains(runtime)) {
                signs.add("control group of " + runtime);
            }
        }
        return Finding.info(AREA, "container", signs.isEmpty() ? "none" : "yes: " + String.join(", ", signs));
    }

    private Finding timeSynchronisation() {
        if (tree.exists("/run/systemd/timesync/synchronized")) {
            return Finding.ok(AREA, "time synchronisation", "systemd-timesyncd, synchronised");
        }
        int left = MAX_PROCESSES;
        for (final String process :
                tree.list("/proc", name -> PROCESS.matcher(name).matches())) {
            if (left-- == 0) {
                break;
            }
            final String command = tree.read("/proc/" + process + "/comm").orElse("");
            if (TIME_DAEMONS.contains(command)) {
                return Finding.ok(AREA, "time synchronisation", command + " runs");
            }
        }
        return Finding.degraded(
                AREA,
                "time synchronisation",
                "no daemon found",
                "commit times drift: point-in-time restore by time and the lake's snapshot times are off by the drift",
                "install chrony; in a container or virtual machine, see that the host below keeps the time");
    }
}
