package dev.firn.tuning.profile;

import dev.firn.tuning.host.SystemTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares a profile with the host. */
final class Planner {
    private final HostFacts host;
    private final Originals originals;

    /** @param originals what was there before the first profile, as far as one was applied. */
    Planner(final HostFacts host, final Originals originals) {
        this.host = host;
        this.originals = originals;
    }

    /** Each setting with its comparison, in the order of application; what keeps them across a reboot comes last. */
    List<Comparison> plan(final Profile profile) {
        final List<Comparison> plan = new ArrayList<>();
        profile.settings(host).forEach(setting -> plan.add(compare(setting)));
        final List<PlannedSetting> planned =
                plan.stream().map(Comparison::planned).toList();
        RebootFiles.of(host, planned).forEach(setting -> plan.add(compare(setting)));
        return plan;
    }

    /** Reads the host anew. */
    Comparison compare(final Setting setting) {
        if (!setting.obstacle().isEmpty()) {
            return comparison(
                    setting,
                    current(setting).orElse(""),
                    setting.rule(),
                    SettingState.NOT_APPLICABLE,
                    setting.obstacle());
        }
        return switch (setting.kind()) {
            case SYSCTL, SYSFS -> compareValue(setting);
            case FILE -> compareFile(setting);
            case BOOT_PARAMETER ->
                compareAdvice(
                        setting,
                        "needs a reboot: add " + setting.where() + "=" + setting.rule()
                                + " to the kernel's command line");
            case JVM_FLAG ->
                compareAdvice(setting, "add it to the JVM flags file, tuning/jvm.options, and restart Firn");
        };
    }

    private Comparison compareValue(final Setting setting) {
        final Optional<String> current = current(setting);
        if (current.isEmpty()) {
            return comparison(setting, "", setting.rule(), SettingState.NOT_APPLICABLE, "this kernel does not have it");
        }
        final String original = originals.valueOf(setting.where()).orElse(current.get());
        final String wanted = setting.match().wantedBeside(original, setting.rule());
        return comparison(setting, current.get(), wanted, state(setting, current.get(), wanted), "");
    }

    private Comparison compareFile(final Setting setting) {
        final String current = current(setting).orElse("");
        return comparison(
                setting,
                current,
                setting.rule(),
                state(setting, current, setting.rule()),
                OwnedFile.effect(setting.where()));
    }

    private Comparison compareAdvice(final Setting setting, final String advice) {
        final String current = current(setting).orElse("");
        final boolean holds = setting.match().holds(current, setting.rule());
        return comparison(
                setting,
                current,
                setting.rule(),
                holds ? SettingState.HOLDS : SettingState.ADVISED,
                holds ? "" : advice);
    }

    private Optional<String> current(final Setting setting) {
        final SystemTree tree = host.tree();
        return switch (setting.kind()) {
            case SYSCTL, SYSFS -> tree.read(setting.where()).map(setting.match()::shown);
            case FILE -> tree.readExactly(setting.where());
            case BOOT_PARAMETER -> host.commandLine().value(setting.where());
            case JVM_FLAG ->
                host.jvmArguments().contains(setting.where()) ? Optional.of(setting.where()) : Optional.empty();
        };
    }

    private static SettingState state(final Setting setting, final String current, final String wanted) {
        return setting.match().holds(current, wanted) ? SettingState.HOLDS : SettingState.DIFFERS;
    }

    private static Comparison comparison(
            final Setting setting,
            final String current,
            final String wanted,
            final SettingState state,
            final String note) {
        return new Comparison(
                setting,
                new PlannedSetting(
                        setting.name(), setting.kind(), setting.where(), current, wanted, state, setting.why(), note));
    }

    /** A setting beside what the host has. */
    record Comparison(Setting setting, PlannedSetting planned) {
        /** True for what {@code apply} may change; advice and what is not applicable is left alone. */
        boolean isChangeable() {
            return switch (planned.kind()) {
                case SYSCTL, SYSFS, FILE -> planned.state() != SettingState.NOT_APPLICABLE;
                case BOOT_PARAMETER, JVM_FLAG -> false;
            };
        }
    }
}
