package dev.firn.tuning.doctor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One reading and what it means.
 *
 * @param area the group it is shown under, for example {@code storage}.
 * @param name what was read, unique within its area.
 * @param value what was found, as the host says it.
 * @param verdict what that means for Firn.
 * @param cost what the lack costs, in words; empty when nothing lacks.
 * @param remedy what to do about it; empty when nothing is to be done.
 */
public record Finding(String area, String name, String value, Verdict verdict, String cost, String remedy) {
    public Finding {
        Objects.requireNonNull(area);
        Objects.requireNonNull(name);
        Objects.requireNonNull(value);
        Objects.requireNonNull(verdict);
        Objects.requireNonNull(cost);
        Objects.requireNonNull(remedy);
    }

    static Finding ok(final String area, final String name, final String value) {
        return new Finding(area, name, value, Verdict.OK, "", "");
    }

    static Finding info(final String area, final String name, final String value) {
        return new Finding(area, name, value, Verdict.INFO, "", "");
    }

    static Finding degraded(
            final String area, final String name, final String value, final String cost, final String remedy) {
        return new Finding(area, name, value, Verdict.DEGRADED, cost, remedy);
    }

    static Finding missing(
            final String area, final String name, final String value, final String cost, final String remedy) {
        return new Finding(area, name, value, Verdict.MISSING, cost, remedy);
    }

    Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("area", area);
        json.put("name", name);
        json.put("value", value);
        json.put("verdict", verdict.label());
        json.put("cost", cost);
        json.put("remedy", remedy);
        return json;
    }
}
