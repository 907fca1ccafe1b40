package dev.firn.tuning.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The limits of the process' control group, version 2 or 1 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/).
 *
 * <p>A group is bounded by itself and by each of its ancestors that can be seen from here.
 */
public final class ControlGroup {
    /** Version 1 says "no limit" with the largest multiple of a page below 2^63. */
    private static final long NO_LIMIT_V1 = 1L << 60;

    private final SystemTree tree;
    private final List<String> memoryDirectories;
    private final List<String> cpuDirectories;

    private ControlGroup(
            final SystemTree tree, final List<String> memoryDirectories, final List<String> cpuDirectories) {
        this.tree = tree;
        this.memoryDirectories = memoryDirectories;
        this.cpuDirectories = cpuDirectories;
    }

    public static ControlGroup of(final SystemTree tree) {
        return new ControlGroup(tree, directories(tree, "memory"), directories(tree, "cpu"));
    }

    public OptionalLong memoryLimitBytes() {
        long limit = Long.MAX_VALUE;
        for (final String directory : memoryDirectories) {
            limit = Math.min(limit, tree.readLong(directory + "/memory.max").orElse(Long.MAX_VALUE));
            limit = Math.min(
                    limit, tree.readLong(directory + "/memory.limit_in_bytes").orElse(Long.MAX_VALUE));
        }
        return limit >= NO_LIMIT_V1 ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    /** How many CPUs' worth of time the group may use in each period; empty when it is not limited. */
    public OptionalDouble cpuLimit() {
        double limit = Double.MAX_VALUE;
        for (final String directory : cpuDirectories) {
            final String[] max = tree.read(directory + "/cpu.max").orElse("max").split("\\s+", 2);
            if (max.length == 2) {
                limit = Math.min(limit, ratio(SystemTree.parseLong(max[0]), SystemTree.parseLong(max[1])));
            }
            limit = Math.min(
                    limit,
                    ratio(
                            tree.readLong(directory + "/cpu.cfs_quota_us"),
                            tree.readLong(directory + "/cpu.cfs_period_us")));
        }
        return limit == Double.MAX_VALUE ? OptionalDouble.empty() : OptionalDouble.of(limit);
    }

    private static double ratio(final OptionalLong quota, final OptionalLong period) {
        return quota.orElse(-1) <= 0 || period.orElse(-1) <= 0
                ? Double.MAX_VALUE
                : (double) quota.getAsLong() / period.getAsLong();
    }

    private static List<String> directories(final SystemTree tree, final String controller) {
        final List<String> directories = new ArrayList<>();
        for (final String line : tree.readLines("/proc/self/cgroup")) {
            final String[] parts = line.split(":", 3);
            if (parts.length == 3
                    && (parts[1].isEmpty() || List.of(parts[1].split(",", -1)).contains(controller))) {
                mountPoint(tree, parts[1].isEmpty() ? "" : controller)
                        .ifPresent(mount -> addWithAncestors(directories, mount, parts[2]));
            }
        }
        return directories;
    }

    private static Optional<String> mountPoint(final SystemTree tree, final String controller) {
        return MountTable.read(tree).mounts().stream()
                .filter(mount -> controller.isEmpty()
                        ? mount.fileSystem().equals("cgroup2")
                        : mount.fileSystem().equals("cgroup")
                                && mount.superOptions().contains(controller))
                .map(Mount::point)
                .findFirst();
    }

    private static void addWithAncestors(final List<String> directories, final String mount, final String group) {
        String path = group;
        while (path.length() > 1) {
            directories.add(mount + path);
            path = path.substring(0, path.lastIndexOf('/'));
        }
        directories.add(mount);
    }
}
