package dev.firn.tuning.doctor;

import dev.firn.nativeio.uring.UringSupport;
import dev.firn.tuning.host.ProcessStatus;
import dev.firn.tuning.host.SystemTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** io_uring: whether it is switched on, and what a ring that was opened for the purpose was granted. */
record RingReading(SystemTree tree, UringSupport support) implements Reading {
    private static final String AREA = "io_uring";
    private static final String PORTABLE_COST =
            "files are read and written by a pool of threads, one system call and two thread switches for"
                    + " each operation:"
                    + " tens of microseconds more a read, and a fraction of the reads a second";
    private static final List<String> LIBRARY_DIRECTORIES = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/lib/x86_64-linux-gnu",
            "/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/lib64",
            "/usr/lib",
            "/usr/local/lib");
    private static final String ALL_FLAGS = "upgrade to Linux 6.1 or later";

    @Override
    public void addTo(final List<Finding> findings) {
        findings.add(ring());
        findings.add(library());
        toggle().ifPresent(findings::add);
        if (new ProcessStatus(tree).isFiltered()) {
            findings.add(Finding.info(AREA, "seccomp", "a filter decides which system calls this process may make"));
        }
        if (support.available()) {
            findings.add(setupFlags());
            findings.add(registrations());
            findings.add(Finding.info(
                    AREA,
                    "submission thread",
                    support.submissionThread() ? "granted (SQPOLL)" : "refused: each submission is a system call"));
            findings.add(Finding.info(AREA, "features", String.join(" ", support.features())));
            findings.add(operations());
        }
    }

    private Finding ring() {
        return support.available()
                ? Finding.ok(AREA, "ring", "opened and closed")
                : Finding.degraded(AREA, "ring", support.reason(), PORTABLE_COST, support.remedy());
    }

    private Finding library() {
        for (final String directory : LIBRARY_DIRECTORIES) {
            final List<String> found = tree.list(directory, name -> name.startsWith(UringSupport.LIBRARY));
            if (!found.isEmpty()) {
                return Finding.ok(
                        AREA,
                        "library",
                        tree.realName(directory + "/" + found.getFirst()).orElse(directory + "/" + found.getFirst()));
            }
        }
        return support.available()
                ? Finding.ok(AREA, "library", UringSupport.LIBRARY + ", outside the usual places")
                : Finding.degraded(
                        AREA,
                        "library",
                        UringSupport.LIBRARY + " is not in the usual places",
                        PORTABLE_COST,
                        "install liburing 2 (Debian and Ubuntu: apt-get install liburing2)");
    }

    /** Documentation/admin-guide/sysctl/kernel.rst: 0 for all, 1 for a group and the privileged, 2 for nobody. */
    private Optional<Finding> toggle() {
        final OptionalLong value = tree.readLong("/proc/sys/kernel/io_uring_disabled");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        final String name = "kernel.io_uring_disabled";
        final String remedy = "firn tune apply, or sysctl -w kernel.io_uring_disabled=0";
        if (value.getAsLong() == 2) {
            return Optional.of(Finding.degraded(AREA, name, "2: nobody may open a ring", PORTABLE_COST, remedy));
        }
        if (value.getAsLong() == 1) {
            final String group = "1: only the group kernel.io_uring_group = "
                    + tree.read("/proc/sys/kernel/io_uring_group").orElse("-1") + " and CAP_SYS_ADMIN may open a ring";
            return Optional.of(
                    support.available()
                            ? Finding.ok(AREA, name, group)
                            : Finding.degraded(AREA, name, group, PORTABLE_COST, remedy + "; or join that group"));
        }
        return Optional.of(Finding.ok(AREA, name, value.getAsLong() + ": everybody may open a ring"));
    }

    private Finding setupFlags() {
        return support.setupFlags().contains("DEFER_TASKRUN")
                ? Finding.ok(AREA, "setup flags", support.setupFlags())
                : Finding.degraded(
                        AREA,
                        "setup flags",
                        support.setupFlags().isEmpty() ? "none" : support.setupFlags(),
                        "completion work interrupts the agent that owns the ring, at any moment",
                        ALL_FLAGS);
    }

    private Finding registrations() {
        final List<String> granted = new ArrayList<>();
        final List<String> refused = new ArrayList<>();
        (support.registeredRing() ? granted : refused).add("ring descriptor");
        (support.registeredFiles() ? granted : refused).add("files");
        (support.registeredBuffers() ? granted : refused).add("buffers");
        if (refused.isEmpty()) {
            return Finding.ok(AREA, "registered", String.join(", ", granted));
        }
        return Finding.degraded(
                AREA,
                "registered",
                "refused: " + String.join(", ", refused),
                "the kernel looks each of them up, and pins buffers, once an operation: some 100 ns, more"
                        + " for large buffers",
                support.registeredBuffers() ? ALL_FLAGS : "raise the memlock limit (ulimit -l); firn tune apply does");
    }

    private Finding operations() {
        final List<String> missing = new ArrayList<>();
        for (final Map.Entry<String, Boolean> operation : support.operations().entrySet()) {
            if (!operation.getValue()) {
                missing.add(operation.getKey());
            }
        }
        if (support.operations().isEmpty()) {
            return Finding.info(AREA, "operations", "the kernel does not say which it has");
        }
        return missing.isEmpty()
                ? Finding.ok(
                        AREA,
                        "operations",
                        String.join(" ", support.operations().keySet()))
                : Finding.degraded(
                        AREA, "operations", "missing: " + String.join(" ", missing), PORTABLE_COST, ALL_FLAGS);
    }
}
