package dev.firn.tuning.profile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The files that set the same values again at boot.
 *
 * <p>Sysctls go to sysctl.d. The queues of disks go to a udev rule, which also meets a disk that appears late or is
 * replaced; where there is no udev, and for every other attribute of sysfs, to tmpfiles.d.
 */
final class RebootFiles {
    private static final String BLOCK = "/sys/block/";
    private static final String NVME_PATTERN = "nvme[0-9]*n[0-9]*";

    private RebootFiles() {}

    /** @param planned the profile's settings, compared with the host. */
    static List<Setting> of(final HostFacts host, final List<PlannedSetting> planned) {
        final boolean udev = host.tree().firstProgram("udevadm").isPresent();
        final boolean tmpfiles = host.tree().firstProgram("systemd-tmpfiles").isPresent();
        final List<String> sysctl = new ArrayList<>();
        final List<String> attributes = new ArrayList<>();
        final Set<String> rules = new LinkedHashSet<>();
        for (final PlannedSetting setting : planned) {
            if (setting.state() == SettingState.NOT_APPLICABLE) {
                continue;
            }
            if (setting.kind() == SettingKind.SYSCTL) {
                sysctl.add(setting.name() + " = " + setting.wanted());
            } else if (setting.kind() == SettingKind.SYSFS) {
                if (udev && setting.where().startsWith(BLOCK)) {
                    rules.add(rule(setting));
                } else {
                    attributes.add("w " + setting.where() + " - - - - " + setting.wanted());
                }
            }
        }
        return List.of(
                Setting.file(
                                "reboot.sysctl",
                                OwnedFile.SYSCTL,
                                content(sysctl),
                                "Sets the same sysctls at the next boot.")
                        .unless(obstacle(sysctl.isEmpty(), true, "")),
                Setting.file(
                                "reboot.tmpfiles",
                                OwnedFile.TMPFILES,
                                content(attributes),
                                "Sets the same attributes of sysfs at the next boot.")
                        .unless(obstacle(
                                attributes.isEmpty(),
                                tmpfiles,
                                "no systemd-tmpfiles here: run 'firn tune apply' again after each boot")),
                Setting.file(
                                "reboot.udev",
                                OwnedFile.UDEV_RULES,
                                content(rules),
                                "Sets the same queue attributes whenever a disk appears.")
                        .unless(obstacle(
                                rules.isEmpty(), udev, "no udev here: disks' attributes are kept by tmpfiles.d")));
    }

    /** NVMe names may change from boot to boot, and every drive gets the same values: one rule holds for all. */
    private static String rule(final PlannedSetting setting) {
        final String path = setting.where().substring(BLOCK.length());
        final String disk = path.substring(0, path.indexOf('/'));
        final String attribute = path.substring(path.indexOf('/') + 1);
        final String kernel = disk.startsWith("nvme") ? NVME_PATTERN : disk;
        return "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", KERNEL==\"" + kernel + "\", ATTR{"
                + attribute + "}=\"" + setting.wanted() + "\"";
    }

    private static String content(final Iterable<String> lines) {
        return OwnedFile.HEADER + String.join("\n", lines) + "\n";
    }

    private static String obstacle(final boolean nothing, final boolean there, final String otherwise) {
        if (!there) {
            return otherwise;
        }
        return nothing ? "nothing of this profile belongs in it on this host" : "";
    }
}
