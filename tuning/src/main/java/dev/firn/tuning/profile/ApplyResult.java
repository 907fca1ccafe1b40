package dev.firn.tuning.profile;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code firn tune apply} did.
 *
 * @param refusal why nothing was tried at all, as one sentence; empty when it was.
 */
public record ApplyResult(String profile, String refusal, List<Outcome> outcomes) {
    public ApplyResult {
        outcomes = List.copyOf(outcomes);
    }

    /** True when it was tried and every setting is as wanted; advice does not count against it. */
    public boolean succeeded() {
        return refusal.isEmpty() && Outcome.noneFailed(outcomes);
    }

    public String toTable(final boolean colour) {
        final TextTable table = new TextTable(colour).heading("apply " + profile);
        Outcome.appendAll(table, outcomes);
        return (refusal.isEmpty() ? table : table.text(refusal)).toString();
    }

    public Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("profile", profile);
        json.put("succeeded", succeeded());
        json.put("refusal", refusal);
        json.put("outcomes", outcomes.stream().map(Outcome::toJson).toList());
        return json;
    }
}
