package dev.firn.tuning.profile;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of one setting.
 *
 * @param before what was there when the command began; empty when nothing was.
 * @param after what is there now.
 * @param note why it failed, or what is left to do; else empty.
 */
public record Outcome(String name, String where, Action action, String before, String after, String note) {
    static boolean noneFailed(final List<Outcome> outcomes) {
        return outcomes.stream().noneMatch(outcome -> outcome.action == Action.FAILED);
    }

    static void appendAll(final TextTable table, final List<Outcome> outcomes) {
        for (final Outcome outcome : outcomes) {
            table.row(0, outcome.action.colour(), outcome.action.label(), outcome.name, outcome.change());
            table.note("", outcome.note);
        }
    }

    Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("where", where);
        json.put("action", action.label());
        json.put("before", before);
        json.put("after", after);
        json.put("note", note);
        return json;
    }

    private String change() {
        if (before.equals(after) || before.contains("\n") || after.contains("\n")) {
            return before.contains("\n") || after.contains("\n") ? where : after;
        }
        return (before.isEmpty() ? "(none)" : before) + " -> " + (after.isEmpty() ? "(none)" : after);
    }
}
