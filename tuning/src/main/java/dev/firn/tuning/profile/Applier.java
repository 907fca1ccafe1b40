package dev.firn.tuning.profile;

import dev.firn.tuning.host.SystemTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One {@code apply}: records, changes, reads back.
 *
 * <p>Afterwards the host is what it was before the first profile, plus this one: what an earlier profile set and this
 * one does not name is put back.
 */
final class Applier {
    private final SystemTree tree;
    private final HostWriter writer;
    private final Planner planner;
    private final OriginalsStore store;
    private final Originals originals;

    Applier(final HostFacts host, final OriginalsStore store, final Originals originals) {
        this.tree = host.tree();
        this.writer = new HostWriter(tree);
        this.planner = new Planner(host, originals);
        this.store = store;
        this.originals = originals;
    }

    /** @throws IOException when the record cannot be kept: then nothing has been changed since. */
    List<Outcome> apply(final Profile profile) throws IOException {
        final List<Planner.Comparison> plan = planner.plan(profile);
        final List<Outcome> outcomes = new ArrayList<>(putBackLeftovers(plan));
        recordAll(plan, profile.name());
        for (final Planner.Comparison comparison : plan) {
            outcomes.add(comparison.isChangeable() ? change(comparison) : untouched(comparison.planned()));
        }
        return outcomes;
    }

    private List<Outcome> putBackLeftovers(final List<Planner.Comparison> plan) throws IOException {
        final Set<String> needed = new HashSet<>();
        for (final Planner.Comparison comparison : plan) {
            if (comparison.isChangeable()) {
                needed.add(comparison.setting().where());
                needed.addAll(comparison.setting().affects());
                if (comparison.setting().kind() == SettingKind.FILE) {
                    Path directory = Path.of(comparison.setting().where()).getParent();
                    while (directory != null) {
                        needed.add(directory.toString());
                        directory = directory.getParent();
                    }
                }
            }
        }
        final List<Original> leftovers = originals.all().stream()
                .filter(original -> !needed.contains(original.where()))
                .toList();
        final List<Outcome> outcomes = new Restorer(writer).restore(leftovers);
        for (final Outcome outcome : outcomes) {
            if (outcome.action() != Action.FAILED) {
                originals.forget(outcome.where());
            }
        }
        if (!outcomes.isEmpty()) {
            store.save(originals);
        }
        return outcomes;
    }

    /** What will change is recorded in one go, durably, before the first change. */
    private void recordAll(final List<Planner.Comparison> plan, final String profile) throws IOException {
        boolean news = false;
        for (final Planner.Comparison comparison : plan) {
            if (comparison.planned().state() == SettingState.DIFFERS) {
                news |= record(comparison.setting());
            }
        }
        news |= !originals.isEmpty() && !originals.profile().equals(profile);
        if (news) {
            originals.setProfile(profile);
            store.save(originals);
        }
    }

    private boolean record(final Setting setting) {
        boolean news = false;
        if (setting.kind() == SettingKind.FILE) {
            for (final String directory : missingDirectories(setting.where())) {
                news |= originals.record(new Original(Original.Kind.DIRECTORY, directory, Optional.empty()));
            }
            return originals.record(new Original(
                            Original.Kind.FILE, setting.where(), writer.read(Original.Kind.FILE, setting.where())))
                    | news;
        }
        final List<String> places = new ArrayList<>(List.of(setting.where()));
        places.addAll(setting.affects());
        for (final String place : places) {
            final Optional<String> value = writer.read(Original.Kind.VALUE, place);
            if (value.isPresent()) {
                news |= originals.record(new Original(Original.Kind.VALUE, place, value));
            }
        }
        return news;
    }

    /** Outermost first. */
    private List<String> missingDirectories(final String file) {
        final Deque<String> missing = new ArrayDeque<>();
        Path directory = Path.of(file).getParent();
        while (directory != null && !tree.isDirectory(directory.toString())) {
            missing.addFirst(directory.toString());
            directory = directory.getParent();
        }
        return List.copyOf(missing);
    }

    /** Looks again first: an earlier change may have moved this value, to the good or to the bad. */
    private Outcome change(final Planner.Comparison planned) throws IOException {
        final Setting setting = planned.setting();
        final String before = planned.planned().current();
        final PlannedSetting now = planner.compare(setting).planned();
        if (now.state() == SettingState.HOLDS) {
            final Action action = now.current().equals(before) ? Action.UNCHANGED : Action.CHANGED;
            return outcome(setting, action, before, now.current(), "");
        }
        if (record(setting)) {
            store.save(originals);
        }
        try {
            if (setting.kind() == SettingKind.FILE) {
                writer.writeFile(setting.where(), now.wanted());
            } else {
                writer.writeValue(setting.where(), now.wanted());
            }
        } catch (final IOException failed) {
            return outcome(setting, Action.FAILED, before, now.current(), HostWriter.reason(failed));
        }
        final PlannedSetting after = planner.compare(setting).planned();
        return after.state() == SettingState.HOLDS
                ? outcome(setting, Action.CHANGED, before, after.current(), OwnedFile.effect(setting.where()))
                : outcome(setting, Action.FAILED, before, after.current(), shortfall(after));
    }

    private static String shortfall(final PlannedSetting after) {
        return after.name().equals("vm.nr_hugepages")
                ? "the kernel found room for " + after.current() + " of " + after.wanted()
                        + " pages: memory is fragmented; apply again soon after a boot"
                : "it was written, but the kernel shows " + after.current();
    }

    private static Outcome untouched(final PlannedSetting planned) {
        final Action action = switch (planned.state()) {
            case ADVISED -> Action.ADVISED;
            case NOT_APPLICABLE -> Action.NOT_APPLICABLE;
            case HOLDS, DIFFERS -> Action.UNCHANGED;
        };
        return new Outcome(
                planned.name(), planned.where(), action, planned.current(), planned.current(), planned.note());
    }

    private static Outcome outcome(
            final Setting setting, final Action action, final String before, final String after, final String note) {
        return new Outcome(setting.name(), setting.where(), action, before, after, note);
    }
}
