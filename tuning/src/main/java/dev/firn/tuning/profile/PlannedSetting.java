package dev.firn.tuning.profile;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One setting of a profile as it stands on this host.
 *
 * @param name unique within a plan, for example {@code vm.swappiness} or {@code nvme0n1.scheduler}.
 * @param kind where it lives.
 * @param where the file, as an absolute path of the host, or the name of the boot parameter or JVM flag.
 * @param current what is there; empty when nothing is.
 * @param wanted what should be there.
 * @param state how the two compare.
 * @param why one sentence that says why Firn wants it.
 * @param note why it is not applicable, or what a person has to do; else empty.
 */
public record PlannedSetting(
        String name,
        SettingKind kind,
        String where,
        String current,
        String wanted,
        SettingState state,
        String why,
        String note) {
    public PlannedSetting {
        Objects.requireNonNull(name);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(where);
        Objects.requireNonNull(current);
        Objects.requireNonNull(wanted);
        Objects.requireNonNull(state);
        Objects.requireNonNull(why);
        Objects.requireNonNull(note);
    }

    void appendTo(final TextTable table) {
        table.row(0, state.colour(), state.label(), name, shown(current), "->", shown(wanted));
        table.note("where: ", where);
        table.note("why:   ", why);
        table.note("note:  ", note);
    }

    Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("kind", kind.label());
        json.put("where", where);
        json.put("current", current);
        json.put("wanted", wanted);
        json.put("state", state.label());
        json.put("why", why);
        json.put("note", note);
        return json;
    }

    /** A file's content is too long for a column: the table says how many lines it has. */
    private String shown(final String value) {
        if (value.isEmpty()) {
            return "(none)";
        }
        return value.contains("\n") ? value.lines().count() + " lines" : value;
    }
}
