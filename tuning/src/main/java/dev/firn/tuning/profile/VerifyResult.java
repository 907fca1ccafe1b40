package dev.firn.tuning.profile;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether a profile holds on this host, now. Advice and what is not applicable do not count against it. */
public record VerifyResult(String profile, List<PlannedSetting> settings) {
    public VerifyResult {
        settings = List.copyOf(settings);
    }

    /** {@code firn tune verify} exits 0 when true, 1 when false. */
    public boolean holds() {
        return doesNotHold().isEmpty();
    }

    public List<PlannedSetting> doesNotHold() {
        return in(SettingState.DIFFERS);
    }

    public List<PlannedSetting> advised() {
        return in(SettingState.ADVISED);
    }

    public String toTable(final boolean colour) {
        final TextTable table = new TextTable(colour).heading("verify " + profile);
        in(SettingState.HOLDS).forEach(setting -> setting.appendTo(table));
        advised().forEach(setting -> setting.appendTo(table));
        doesNotHold().forEach(setting -> setting.appendTo(table));
        return table.text(sentence()).toString();
    }

    public Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("profile", profile);
        json.put("holds", holds());
        json.put("held", names(SettingState.HOLDS));
        json.put(
                "doesNotHold",
                doesNotHold().stream().map(PlannedSetting::toJson).toList());
        json.put("advised", advised().stream().map(PlannedSetting::toJson).toList());
        json.put("notApplicable", names(SettingState.NOT_APPLICABLE));
        return json;
    }

    private String sentence() {
        return holds()
                ? profile + " holds; " + advised().size() + " settings are left to you."
                : profile + " does not hold: " + doesNotHold().size() + " settings differ; firn tune apply " + profile
                        + " changes them.";
    }

    private List<PlannedSetting> in(final SettingState state) {
        return settings.stream().filter(setting -> setting.state() == state).toList();
    }

    private List<String> names(final SettingState state) {
        return in(state).stream().map(PlannedSetting::name).toList();
    }
}
