package dev.firn.tuning.host;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The kernel's list format for sets of CPUs and nodes, {@code 0-3,8}
 * (Documentation/admin-guide/kernel-parameters.rst).
 */
public final class CpuList {
    /** CONFIG_NR_CPUS reaches 8192; beyond it a list is not a list of CPUs. */
    public static final int MAX_CPU = 8_192;

    private CpuList() {}

    /** The numbers in the list; empty when the text is empty or not such a list. */
    public static SortedSet<Integer> parse(final String text) {
        final SortedSet<Integer> cpus = new TreeSet<>();
        for (final String part : text.strip().split(",", -1)) {
            final String[] ends = part.split("-", 2);
            try {
                final int first = Integer.parseInt(ends[0].strip());
                final int last = ends.length == 2 ? Integer.parseInt(ends[1].strip()) : first;
                for (int cpu = first; cpu <= Math.min(last, MAX_CPU); cpu++) {
                    cpus.add(cpu);
                }
            } catch (final NumberFormatException notAList) {
                return new TreeSet<>();
            }
        }
        return cpus;
    }

    /** The shortest list of these numbers. */
    public static String format(final Collection<Integer> cpus) {
        final StringBuilder out = new StringBuilder();
        int first = -1;
        int last = -1;
        for (final int cpu : new TreeSet<>(cpus)) {
            if (first >= 0 && cpu == last + 1) {
                last = cpu;
            } else {
                appendRange(out, first, last);
                first = cpu;
                last = cpu;
            }
        }
        appendRange(out, first, last);
        return out.toString();
    }

    private static void appendRange(final StringBuilder out, final int first, final int last) {
        if (first >= 0) {
            out.append(out.isEmpty() ? "" : ",").append(first);
            if (last > first) {
                out.append('-').append(last);
            }
        }
    }
}
