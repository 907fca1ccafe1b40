package dev.firn.tuning.profile;

import java.util.List;

/** The configuration files that a profile may write, each Firn's alone. */
final class OwnedFile {
    static final String LIMITS = "/etc/security/limits.d/90-firn.conf";
    static final String SYSCTL = "/etc/sysctl.d/90-firn.conf";
    static final String TMPFILES = "/etc/tmpfiles.d/firn.conf";
    static final String UDEV_RULES = "/etc/udev/rules.d/90-firn.rules";

    /** Holds for firn-wal-node.service, firn-page-server.service and the like: systemd.unit(5), prefix drop-ins. */
    static final String SERVICE_DROP_IN = "/etc/systemd/system/firn-.service.d/90-tuning.conf";

    static final String HEADER = "# Written by 'firn tune apply'; 'firn tune revert' puts back what was here before.\n";

    static final List<String> ALL = List.of(LIMITS, SYSCTL, TMPFILES, UDEV_RULES, SERVICE_DROP_IN);

    private OwnedFile() {}

    /** When a change of the file is felt; empty where the values have been set besides. */
    static String effect(final String file) {
        return switch (file) {
            case LIMITS -> "felt from the next login";
            case SERVICE_DROP_IN -> "felt after systemctl daemon-reload and a restart of the unit";
            default -> "";
        };
    }
}
