package dev.firn.tuning.doctor;

import dev.firn.tuning.table.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that {@link Doctor#examine()} found, grouped by area in the order of examination. */
public record DoctorReport(List<Finding> findings) {
    public DoctorReport {
        findings = List.copyOf(findings);
    }

    /** False only when something is missing without which no part of Firn could start: {@code firn doctor} exits 1. */
    public boolean canRun() {
        return count(Verdict.MISSING) == 0;
    }

    /** How many findings have this verdict. */
    public int count(final Verdict verdict) {
        return (int) findings.stream()
                .filter(finding -> finding.verdict() == verdict)
                .count();
    }

    /** The table of a terminal; {@code colour} only when it is one. */
    public String toTable(final boolean colour) {
        final TextTable table = new TextTable(colour);
        String area = "";
        for (final Finding finding : findings) {
            if (!finding.area().equals(area)) {
                area = finding.area();
                table.heading(area);
            }
            table.row(0, finding.verdict().colour(), finding.verdict().label(), finding.name(), finding.value());
            table.note("costs: ", finding.cost());
            table.note("to do: ", finding.remedy());
        }
        return table.text("").text(summary()).toString();
    }

    /** Maps, lists, strings, numbers and booleans only, with keys in the order of the table. */
    public Map<String, Object> toJson() {
        final Map<String, Object> counts = new LinkedHashMap<>();
        for (final Verdict verdict : Verdict.values()) {
            counts.put(verdict.label(), count(verdict));
        }
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("canRun", canRun());
        json.put("counts", counts);
        json.put("findings", findings.stream().map(Finding::toJson).toList());
        return json;
    }

    private String summary() {
        final int missing = count(Verdict.MISSING);
        final int degraded = count(Verdict.DEGRADED);
        if (missing > 0) {
            return "Firn cannot run here: " + missing + " missing, " + degraded + " degraded.";
        }
        return degraded == 0
                ? "Firn can run here, with nothing lacking."
                : "Firn can run here; " + degraded + " degraded.";
    }
}
