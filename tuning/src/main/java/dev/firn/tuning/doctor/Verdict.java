package dev.firn.tuning.doctor;

import dev.firn.tuning.table.Colour;

/** What a finding means for Firn. */
public enum Verdict {
    /** As good as Firn can use. */
    OK("ok", Colour.GREEN),
    /** A fact worth knowing that costs nothing by itself. */
    INFO("info", Colour.NONE),
    /** Firn runs, slower or with less. */
    DEGRADED("degraded", Colour.YELLOW),
    /** Firn cannot run here until this is mended. */
    MISSING("missing", Colour.RED);

    private final String label;
    private final Colour colour;

    Verdict(final String label, final Colour colour) {
        this.label = label;
        this.colour = colour;
    }

    /** The word of the table and of the JSON document. */
    public String label() {
        return label;
    }

    Colour colour() {
        return colour;
    }
}
