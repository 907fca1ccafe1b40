package dev.firn.postgres.value;

/**
 * An attribute of a composite type.
 *
 * @param type null when it was dropped: of that only length and alignment are known.
 * @param length attlen.
 * @param alignment attalign in bytes.
 */
public record CompositeAttribute(String name, TypeDescription type, int length, int alignment) {
    /** An attribute that is there. */
    public static CompositeAttribute of(final String name, final TypeDescription type) {
        return new CompositeAttribute(name, type, type.length(), type.alignment());
    }

    /** Whether it was dropped: its bytes may be there, but nobody sees them. */
    public boolean isDropped() {
        return type == null;
    }
}
