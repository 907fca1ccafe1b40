package dev.firn.tuning.doctor;

import dev.firn.tuning.host.Bytes;
import dev.firn.tuning.host.Choices;
import dev.firn.tuning.host.Cpus;
import dev.firn.tuning.host.Memory;
import dev.firn.tuning.host.ProcessStatus;
import dev.firn.tuning.host.SystemTree;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Memory, its limits, and the pages it comes in. */
record MemoryReading(SystemTree tree) implements Reading {
    /** Three WAL nodes, a page server and a Postgres on one host, each as small as it goes. */
    static final long GOOD_TOTAL_BYTES = 4 * Bytes.GIB;

    /** What the rings of one process register at the least. */
    static final long GOOD_MEMLOCK_BYTES = 64 * Bytes.MIB;

    private static final String AREA = "memory";
    private static final int HUGE_2M_KIB = 2_048;
    private static final int HUGE_1G_KIB = 1_048_576;

    @Override
    public void addTo(final List<Finding> findings) {
        final Memory memory = new Memory(tree);
        findings.add(total(memory));
        findings.add(swap(memory));
        findings.add(lockable());
        findings.add(hugePages(memory));
        findings.add(gigantic(memory));
        findings.add(transparent());
        findings.add(nodes());
    }

    private Finding total(final Memory memory) {
        final OptionalLong group = memory.controlGroupLimitBytes();
        final long usable = Math.min(memory.totalBytes(), group.orElse(Long.MAX_VALUE));
        final String value = Bytes.format(memory.totalBytes()) + ", " + Bytes.format(memory.availableBytes())
                + " available, "
                + (group.isPresent()
                        ? "control group limit " + Bytes.format(group.getAsLong())
                        : "no control group limit");
        if (memory.totalBytes() == 0) {
            return Finding.info(AREA, "size", "unknown: /proc/meminfo cannot be read");
        }
        return usable >= GOOD_TOTAL_BYTES
                ? Finding.ok(AREA, "size", value)
                : Finding.degraded(
                        AREA,
                        "size",
                        value,
                        "caches stay small, and a whole system on this host may be ended by the kernel for"
                                + " want of memory",
                        "give it " + Bytes.format(GOOD_TOTAL_BYTES) + " or more, or run one role a host");
    }

    private Finding swap(final Memory memory) {
        if (memory.swapTotalBytes() == 0) {
            return Finding.ok(AREA, "swap", "none");
        }
        final String value = Bytes.format(memory.swapTotalBytes()) + ", "
                + Bytes.format(memory.swapTotalBytes() - memory.swapFreeBytes()) + " used, vm.swappiness "
                + tree.read("/proc/sys/vm/swappiness").orElse("unknown");
        final boolean reluctant = tree.readLong("/proc/sys/vm/swappiness").orElse(0) <= 10;
        return reluctant
                ? Finding.info(AREA, "swap", value)
                : Finding.degraded(
                        AREA,
                        "swap",
                        value,
                        "a heap or cache page that was swapped out stops the agent that touches it for a disk read",
                        "firn tune apply lowers vm.swappiness; or swapoff -a");
    }

    private Finding lockable() {
        final ProcessStatus status = new ProcessStatus(tree);
        final OptionalLong limit = status.softLimit("Max locked memory");
        if (limit.isEmpty()) {
            return Finding.info(AREA, "memlock", "unknown: /proc/self/limits cannot be read");
        }
        final boolean unlimited = limit.getAsLong() == ProcessStatus.UNLIMITED;
        final String value = unlimited ? "unlimited" : Bytes.format(limit.getAsLong());
        if (status.hasCapability(ProcessStatus.CAP_IPC_LOCK)) {
            return Finding.ok(AREA, "memlock", unlimited ? value : value + ", lifted by CAP_IPC_LOCK");
        }
        return unlimited || limit.getAsLong() >= GOOD_MEMLOCK_BYTES
                ? Finding.ok(AREA, "memlock", value)
                : Finding.degraded(
                        AREA,
                        "memlock",
                        value,
                        "the ring cannot register its buffers: the kernel pins and unpins their pages for"
                                + " each operation",
                        "firn tune apply sets it for the next login; for a service, LimitMEMLOCK=infinity");
    }

    private Finding hugePages(final Memory memory) {
        final long pages = memory.hugePages(HUGE_2M_KIB, false);
        final long free = memory.hugePages(HUGE_2M_KIB, true);
        final long overcommit =
                tree.readLong("/proc/sys/vm/nr_overcommit_hugepages").orElse(0);
        final String value = pages + " of 2 MiB, " + free + " free"
                + (overcommit > 0 ? ", up to " + overcommit + " more on demand" : "");
        if (free > 0 || overcommit > 0) {
            return Finding.ok(AREA, "huge pages", value);
        }
        return Finding.degraded(
                AREA,
                "huge pages",
                value,
                pages > 0
                        ? "the pool is used up; further off-heap memory comes in 4 KiB pages"
                        : "off-heap memory comes in 4 KiB pages: a random page read misses the TLB nearly each time",
                "firn tune apply sizes the pool; do it soon after boot, before memory is fragmented");
    }

    private Finding gigantic(final Memory memory) {
        return Finding.info(
                AREA,
                "huge pages of 1 GiB",
                memory.hugePages(HUGE_1G_KIB, false) + ", " + memory.hugePages(HUGE_1G_KIB, true) + " free");
    }

    private Finding transparent() {
        final Optional<String> mode =
                tree.read("/sys/kernel/mm/transparent_hugepage/enabled").map(Choices::chosen);
        if (mode.isEmpty()) {
            return Finding.info(AREA, "transparent huge pages", "not in this kernel");
        }
        return switch (mode.get()) {
            case "madvise" -> Finding.ok(AREA, "transparent huge pages", "madvise");
            case "always" ->
                Finding.degraded(
                        AREA,
                        "transparent huge pages",
                        "always",
                        "any process' page fault may stop to compact memory, for milliseconds",
                        "firn tune apply sets madvise");
            default ->
                Finding.degraded(
                        AREA,
                        "transparent huge pages",
                        mode.get(),
                        "memory that asks for huge pages gets 4 KiB ones unless the pool has room",
                        "firn tune apply sets madvise");
        };
    }

    private Finding nodes() {
        final int nodes = new Cpus(tree).nodes().size();
        if (nodes <= 1) {
            return Finding.ok(AREA, "numa nodes", "1");
        }
        final boolean balancing =
                tree.readLong("/proc/sys/kernel/numa_balancing").orElse(0) != 0;
        return balancing
                ? Finding.degraded(
                        AREA,
                        "numa nodes",
                        nodes + ", automatic balancing on",
                        "the kernel unmaps pages to see who touches them: a page fault for each, on the hot path too",
                        "firn tune apply switches kernel.numa_balancing off; pin each role to one node")
                : Finding.info(AREA, "numa nodes", nodes + ", automatic balancing off");
    }
}
