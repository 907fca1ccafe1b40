package dev.firn.tuning.profile;

import dev.firn.tuning.host.Bytes;
import java.util.List;

/** What Firn's processes may take: rings, locked memory, descriptors, socket buffers. */
final class LimitSettings {
    /**
     * The kernel's default for fs.nr_open, which is the most that a limit may say; less would lower what some hosts
     * have.
     */
    static final int OPEN_FILES = 1_048_576;

    static final long OWN_SOCKET_BUFFER_BYTES = 4 * Bytes.MIB;
    static final long SHARED_SOCKET_BUFFER_BYTES = 2 * Bytes.MIB;

    private static final String UNLIMITED = "unlimited";

    private LimitSettings() {}

    static Setting rings() {
        return Setting.sysctl(
                "kernel.io_uring_disabled",
                "0",
                "Without io_uring every read and write is a system call on a pool of threads.");
    }

    static List<Setting> socketBuffers(final long bytes) {
        final String why = "Aeron asks for socket buffers that hold a burst of a whole window; the kernel cuts the wish"
                + " down to this, and what does not fit is lost and sent again.";
        return List.of(
                Setting.sysctlAtLeast("net.core.rmem_max", bytes, why),
                Setting.sysctlAtLeast("net.core.wmem_max", bytes, why));
    }

    /** On a host of Firn's own nothing else needs protection from its locked memory. */
    static List<Setting> ownHost(final HostFacts host) {
        return processLimits(host, UNLIMITED, "infinity");
    }

    /** On a shared host locked memory stays within a quarter. */
    static List<Setting> sharedHost(final HostFacts host) {
        final long bytes = host.memory().totalBytes() / 4 / Bytes.MIB * Bytes.MIB;
        return processLimits(host, Long.toString(bytes / Bytes.KIB), Long.toString(bytes));
    }

    private static List<Setting> processLimits(final HostFacts host, final String memlockKib, final String memlock) {
        final String why = "The rings' registered buffers count as locked memory, and layers, segments and connections"
                + " each hold a descriptor; both defaults are too small.";
        final String logins = OwnedFile.HEADER
                + line("*", "memlock", memlockKib)
                + line("root", "memlock", memlockKib)
                + line("*", "nofile", Integer.toString(OPEN_FILES))
                + line("root", "nofile", Integer.toString(OPEN_FILES));
        final String services =
                OwnedFile.HEADER + "[Service]\nLimitMEMLOCK=" + memlock + "\nLimitNOFILE=" + OPEN_FILES + "\n";
        return List.of(
                Setting.file("limits.logins", OwnedFile.LIMITS, logins, why)
                        .unless(
                                host.tree().isDirectory("/etc/security")
                                        ? ""
                                        : "no /etc/security here: logins do not pass through pam_limits"),
                Setting.file(
                                "limits.services",
                                OwnedFile.SERVICE_DROP_IN,
                                services,
                                "systemd does not read limits.d: this says the same for every unit whose"
                                        + " name begins with"
                                        + " firn-.")
                        .unless(host.runsSystemd() ? "" : "systemd does not run here"));
    }

    private static String line(final String who, final String item, final String value) {
        return who + " - " + item + " " + value + "\n";
    }
}
