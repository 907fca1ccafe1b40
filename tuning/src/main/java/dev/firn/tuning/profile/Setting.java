package dev.firn.tuning.profile;

import java.util.List;

/**
 * One line of a profile: what is wanted, where, and why; not yet compared with the host.
 *
 * @param name unique within a profile.
 * @param where the file as the host names it; for a boot parameter its name, for a JVM flag the flag.
 * @param rule the wanted value.
 * @param affects files that the kernel changes along with this one; what they held is recorded with it.
 * @param obstacle why it means nothing on this host; empty when it does.
 */
record Setting(
        String name,
        SettingKind kind,
        String where,
        String rule,
        Match match,
        String why,
        List<String> affects,
        String obstacle) {
    private static final String SYSCTL_ROOT = "/proc/sys/";

    Setting {
        affects = List.copyOf(affects);
    }

    static Setting sysctl(final String name, final String wanted, final String why) {
        return new Setting(name, SettingKind.SYSCTL, sysctlFile(name), wanted, Match.EXACT, why, List.of(), "");
    }

    static Setting sysctlAtLeast(final String name, final long wanted, final String why) {
        return new Setting(
                name, SettingKind.SYSCTL, sysctlFile(name), Long.toString(wanted), Match.AT_LEAST, why, List.of(), "");
    }

    static Setting sysfs(
            final String name, final String file, final Match match, final String wanted, final String why) {
        return new Setting(name, SettingKind.SYSFS, file, wanted, match, why, List.of(), "");
    }

    static Setting file(final String name, final String file, final String content, final String why) {
        return new Setting(name, SettingKind.FILE, file, content, Match.EXACT, why, List.of(), "");
    }

    static Setting bootParameter(final String name, final String value, final String why) {
        return new Setting(name, SettingKind.BOOT_PARAMETER, name, value, Match.EXACT, why, List.of(), "");
    }

    static Setting jvmFlag(final String flag, final String why) {
        return new Setting(flag, SettingKind.JVM_FLAG, flag, flag, Match.EXACT, why, List.of(), "");
    }

    Setting affecting(final String... files) {
        return new Setting(name, kind, where, rule, match, why, List.of(files), obstacle);
    }

    /** The same setting, which means nothing here for this reason; unchanged when the reason is empty. */
    Setting unless(final String reason) {
        return reason.isEmpty() ? this : new Setting(name, kind, where, rule, match, why, affects, reason);
    }

    static String sysctlFile(final String name) {
        return SYSCTL_ROOT + name.replace('.', '/');
    }
}
