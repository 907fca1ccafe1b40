package dev.firn.nativeio.agent;

import java.util.BitSet;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A set of CPUs by the kernel's numbers; written as the kernel writes it, {@code 0-3,8}. Immutable. */
public final class CpuSet {
    /** Most CPUs that Linux can be built for (NR_CPUS of x86-64 with CONFIG_MAXSMP). */
    public static final int MAX_CPUS = 8192;

    private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

    private final BitSet cpus;

    private CpuSet(final BitSet cpus) {
        this.cpus = cpus;
    }

    public static CpuSet of(final int... cpus) {
        final BitSet bits = new BitSet();
        for (final int cpu : cpus) {
            bits.set(requireCpu(cpu));
        }
        return new CpuSet(bits);
    }

    /**
     * Reads the kernel's list format (cpuset(7), "List format").
     *
     * @throws IllegalArgumentException when the text is none.
     */
    public static CpuSet parse(final String list) {
        final BitSet bits = new BitSet();
        for (final String part : list.strip().split(",", -1)) {
            final Matcher range = RANGE.matcher(part.strip());
            if (!range.matches()) {
                throw new IllegalArgumentException("\"" + list + "\" is not a list of CPUs such as 0-3,8");
            }
            final int first = requireCpu(Integer.parseInt(range.group(1)));
            final int last = range.group(2) == null ? first : requireCpu(Integer.parseInt(range.group(2)));
            if (last < first) {
                throw new IllegalArgumentException(
                        "\"" + list + "\" is not a list of CPUs: " + part.strip() + " goes backwards");
            }
            bits.set(first, last + 1);
        }
        return new CpuSet(bits);
    }

    static CpuSet ofMask(final long[] mask) {
        return new CpuSet(BitSet.valueOf(mask));
    }

    /** Bit n of the longs, one after the other, stands for CPU n. */
    long[] mask() {
        return cpus.toLongArray();
    }

    public boolean contains(final int cpu) {
        return cpu >= 0 && cpus.get(cpu);
    }

    public int count() {
        return cpus.cardinality();
    }

    public boolean isEmpty() {
        return cpus.isEmpty();
    }

    /** In ascending order. */
    public IntStream stream() {
        return cpus.stream();
    }

    /** The CPUs of this set that are not in the other. */
    public CpuSet minus(final CpuSet other) {
        final BitSet rest = (BitSet) cpus.clone();
        rest.andNot(other.cpus);
        return new CpuSet(rest);
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof final CpuSet set && set.cpus.equals(cpus);
    }

    @Override
    public int hashCode() {
        return cpus.hashCode();
    }

    @Override
    public String toString() {
        final StringJoiner list = new StringJoiner(",");
        int first = cpus.nextSetBit(0);
        while (first >= 0) {
            final int last = cpus.nextClearBit(first) - 1;
            list.add(first == last ? Integer.toString(first) : first + "-" + last);
            first = cpus.nextSetBit(last + 1);
        }
        return list.toString();
    }

    private static int requireCpu(final int cpu) {
        if (cpu < 0 || cpu >= MAX_CPUS) {
            throw new IllegalArgumentException("CPU " + cpu + " is not within 0.." + (MAX_CPUS - 1));
        }
        return cpu;
    }
}
