package dev.firn.tuning.profile;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code firn tune revert} did.
 *
 * @param refused true when nothing was tried: no right to, or no readable record of what was there.
 * @param sentence what happened, as one sentence.
 */
public record RevertResult(boolean refused, String sentence, List<Outcome> outcomes) {
    public RevertResult {
        outcomes = List.copyOf(outcomes);
    }

    /** True when the host is as it was before the first {@code apply}, as far as the record says. */
    public boolean succeeded() {
        return !refused && Outcome.noneFailed(outcomes);
    }

    public String toTable(final boolean colour) {
        final TextTable table = new TextTable(colour).heading("revert");
        Outcome.appendAll(table, outcomes);
        return table.text(sentence).toString();
    }

    public Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("succeeded", succeeded());
        json.put("sentence", sentence);
        json.put("outcomes", outcomes.stream().map(Outcome::toJson).toList());
        return json;
    }
}
