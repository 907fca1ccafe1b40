package dev.firn.tuning.profile;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A profile beside the host: what {@code firn tune show} prints. */
public record TuningPlan(String profile, List<PlannedSetting> settings) {
    public TuningPlan {
        settings = List.copyOf(settings);
    }

    public String toTable(final boolean colour) {
        final TextTable table = new TextTable(colour).heading("profile " + profile);
        settings.forEach(setting -> setting.appendTo(table));
        return table.toString();
    }

    public Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("profile", profile);
        json.put("settings", settings.stream().map(PlannedSetting::toJson).toList());
        return json;
    }
}
