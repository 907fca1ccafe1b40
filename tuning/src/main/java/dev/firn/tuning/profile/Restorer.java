package dev.firn.tuning.profile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts places back to what they held.
 *
 * <p>Kernel values move one another: a disk's scheduler resets its queue depth, {@code vm.dirty_ratio} sets
 * {@code vm.dirty_bytes} to 0, which could not have been written. So it goes over all of them until a pass finds
 * nothing more to do, and only then judges.
 */
final class Restorer {
    /** Values move at most their direct neighbours: two passes settle them, the third only looks. */
    static final int MAX_PASSES = 3;

    private final HostWriter writer;

    Restorer(final HostWriter writer) {
        this.writer = writer;
    }

    /** One outcome for each original, in order; directories after what may lie in them. */
    List<Outcome> restore(final List<Original> originals) {
        final Map<String, String> before = new HashMap<>();
        final Map<String, String> failures = new HashMap<>();
        final List<Original> ordered = childrenFirst(originals);
        for (final Original original : ordered) {
            before.put(original.where(), shown(original));
        }
        for (int pass = 0; pass < MAX_PASSES; pass++) {
            for (final Original original : ordered) {
                if (!writer.isRestored(original)) {
                    restore(original, failures);
                }
            }
        }
        return ordered.stream()
                .map(original -> outcome(original, before.get(original.where()), failures))
                .toList();
    }

    private void restore(final Original original, final Map<String, String> failures) {
        try {
            writer.restore(original);
        } catch (final IOException failed) {
            failures.put(original.where(), HostWriter.reason(failed));
        }
    }

    private Outcome outcome(final Original original, final String before, final Map<String, String> failures) {
        final String now = shown(original);
        if (!writer.isRestored(original)) {
            final String note = failures.getOrDefault(original.where(), "it was written, but the kernel shows " + now);
            return new Outcome(original.where(), original.where(), Action.FAILED, before, now, note);
        }
        final Action action = before.equals(now) ? Action.UNCHANGED : Action.RESTORED;
        return new Outcome(original.where(), original.where(), action, before, now, "");
    }

    private String shown(final Original original) {
        return writer.read(original.kind(), original.where())
                .map(text -> original.kind() == Original.Kind.DIRECTORY ? "directory" : text)
                .orElse("");
    }

    /** A directory was recorded before the file within it, and its parent before itself. */
    private static List<Original> childrenFirst(final List<Original> originals) {
        final List<Original> ordered = new ArrayList<>();
        final List<Original> directories = new ArrayList<>();
        for (final Original original : originals) {
            (original.kind() == Original.Kind.DIRECTORY ? directories : ordered).add(original);
        }
        ordered.addAll(directories.reversed());
        return ordered;
    }
}
