package dev.firn.pagestore.layer;

/** What a layer holds. The numbers are part of the layer format and of the manifest's. */
public enum LayerKind {
    /** All entries of its key range whose LSN is above {@code fromLsn} and not above {@code toLsn}. */
    DELTA(1),

    /**
     * What its key range was at one LSN: each key that has an entry at or below it in its timeline's layers, and no floor above that, by one entry
     * that stands alone. For a key that is not there, older layers of the timeline have nothing: what it was, its parent or base backup says.
     */
    IMAGE(2);

    private final int number;

    LayerKind(final int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** The kind of this number, or null. */
    public static LayerKind of(final int number) {
        return switch (number) {
            case 1 -> DELTA;
            case 2 -> IMAGE;
            default -> null;
        };
    }
}
