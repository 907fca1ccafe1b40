package dev.firn.tuning.host;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Memory of the host and of the control group that the process is in. */
public final class Memory {
    private final SystemTree tree;
    private final Map<String, Long> meminfoKib = new HashMap<>();

    public Memory(final SystemTree tree) {
        this.tree = tree;
        for (final String line : tree.readLines("/proc/meminfo")) {
            final String[] parts = line.split("[:\\s]+", 3);
            if (parts.length >= 2) {
                SystemTree.parseLong(parts[1]).ifPresent(value -> meminfoKib.put(parts[0], value));
            }
        }
    }

    public long totalBytes() {
        return meminfoBytes("MemTotal");
    }

    public long availableBytes() {
        return meminfoBytes("MemAvailable");
    }

    public long swapTotalBytes() {
        return meminfoBytes("SwapTotal");
    }

    public long swapFreeBytes() {
        return meminfoBytes("SwapFree");
    }

    /** How many huge pages of this size the pool holds, and how many of them are free; zero when there is no pool. */
    public long hugePages(final int sizeKib, final boolean free) {
        return tree.readLong("/sys/kernel/mm/hugepages/hugepages-" + sizeKib + "kB/"
                        + (free ? "free_hugepages" : "nr_hugepages"))
                .orElse(0);
    }

    /** The size of the pages that {@code vm.nr_hugepages} counts; zero when the kernel has none. */
    public long defaultHugePageBytes() {
        return meminfoBytes("Hugepagesize");
    }

    /** The tightest memory limit on the way from the process' control group to the top; empty when there is none. */
    public OptionalLong controlGroupLimitBytes() {
        return ControlGroup.of(tree).memoryLimitBytes();
    }

    private long meminfoBytes(final String key) {
        return meminfoKib.getOrDefault(key, 0L) * Bytes.KIB;
    }
}
