package dev.firn.tuning.profile;

/** Where a setting lives, which decides how it is read, changed and kept across a reboot. */
public enum SettingKind {
    /** A file beneath {@code /proc/sys}; kept by a file in {@code /etc/sysctl.d}. */
    SYSCTL("sysctl"),
    /** An attribute beneath {@code /sys}; kept by a tmpfiles.d file or a udev rule. */
    SYSFS("sysfs"),
    /** A whole configuration file that Firn owns. */
    FILE("file"),
    /** A parameter of the kernel's command line: only advised, the boot loader is never edited. */
    BOOT_PARAMETER("bootParameter"),
    /** A flag of Firn's JVM: only advised, the flags file belongs to the installation. */
    JVM_FLAG("jvmFlag");

    private final String label;

    SettingKind(final String label) {
        this.label = label;
    }

    /** The word of the JSON document. */
    public String label() {
        return label;
    }
}
