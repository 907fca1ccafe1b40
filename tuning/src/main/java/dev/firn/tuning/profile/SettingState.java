package dev.firn.tuning.profile;

import dev.firn.tuning.table.Colour;

/** How a setting stands on this host. */
public enum SettingState {
    /** The host has the wanted value, or a better one. */
    HOLDS("holds", Colour.GREEN),
    /** {@code apply} would change it. */
    DIFFERS("differs", Colour.YELLOW),
    /** It differs, and only a person can change it: it needs a reboot or a restart. */
    ADVISED("advised", Colour.YELLOW),
    /** It means nothing on this host; the note says why. */
    NOT_APPLICABLE("notApplicable", Colour.DIM);

    private final String label;
    private final Colour colour;

    SettingState(final String label, final Colour colour) {
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
