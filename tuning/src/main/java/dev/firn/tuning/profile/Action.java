package dev.firn.tuning.profile;

import dev.firn.tuning.table.Colour;

/** What {@code apply} or {@code revert} did with one setting. */
public enum Action {
    /** Changed, read back, and as wanted. */
    CHANGED("changed", Colour.GREEN),
    /** Put back to what was there before the first profile, and read back. */
    RESTORED("restored", Colour.GREEN),
    /** Nothing to do: it was already so. */
    UNCHANGED("unchanged", Colour.NONE),
    /** Not done; the note says why. The others went on. */
    FAILED("failed", Colour.RED),
    /** Left to a person. */
    ADVISED("advised", Colour.YELLOW),
    /** Means nothing on this host. */
    NOT_APPLICABLE("notApplicable", Colour.DIM);

    private final String label;
    private final Colour colour;

    Action(final String label, final Colour colour) {
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
