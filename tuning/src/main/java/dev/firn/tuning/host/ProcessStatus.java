package dev.firn.tuning.host;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this process may do: user, capabilities, limits, seccomp (proc_pid_status(5), proc_pid_limits(5)). */
public final class ProcessStatus {
    /** Lifts RLIMIT_MEMLOCK for registered buffers (capabilities(7)). */
    public static final int CAP_IPC_LOCK = 14;

    public static final int CAP_SYS_ADMIN = 21;

    /** What a limit reads as when there is none. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final Pattern LIMIT = Pattern.compile("(\\S+)\\s+(\\S+)(\\s.*)?");

    private final SystemTree tree;

    public ProcessStatus(final SystemTree tree) {
        this.tree = tree;
    }

    /** The effective user id, or -1 when it cannot be read. */
    public long effectiveUser() {
        final String[] ids = field("Uid").orElse("").split("\\s+", -1);
        return ids.length < 2 ? -1 : SystemTree.parseLong(ids[1]).orElse(-1);
    }

    public boolean hasCapability(final int capability) {
        try {
            return (Long.parseUnsignedLong(field("CapEff").orElse("0"), 16) >>> capability & 1) == 1;
        } catch (final NumberFormatException notHexadecimal) {
            return false;
        }
    }

    /** True when a seccomp filter decides which system calls this process may make. */
    public boolean isFiltered() {
        return field("Seccomp").orElse("0").equals("2");
    }

    /** The soft limit of this name ({@code Max locked memory}); {@link #UNLIMITED} when there is none. */
    public OptionalLong softLimit(final String name) {
        return limit(name, 1);
    }

    public OptionalLong hardLimit(final String name) {
        return limit(name, 2);
    }

    private OptionalLong limit(final String name, final int group) {
        for (final String line : tree.readLines("/proc/self/limits")) {
            if (line.startsWith(name)) {
                final Matcher match =
                        LIMIT.matcher(line.substring(name.length()).strip());
                if (match.matches()) {
                    final String value = match.group(group);
                    return value.equals("unlimited") ? OptionalLong.of(UNLIMITED) : SystemTree.parseLong(value);
                }
            }
        }
        return OptionalLong.empty();
    }

    private Optional<String> field(final String name) {
        for (final String line : tree.readLines("/proc/self/status")) {
            if (line.startsWith(name + ":")) {
                return Optional.of(line.substring(name.length() + 1).strip());
            }
        }
        return Optional.empty();
    }
}
