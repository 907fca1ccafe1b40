package dev.firn.server.postgres;

/**
 * Which Postgres of its own a system is to run.
 *
 * @param wanted whether it is to run one at all.
 * @param major of that version; 0 for the one that is there, and where there is none and nothing is attached, for
 *     {@link #DEFAULT_MAJOR}.
 */
public record PostgresWish(boolean wanted, int major) {
    /** The newest that is supported. */
    static final int DEFAULT_MAJOR = 17;

    /** None in this life of the system. */
    public static final PostgresWish NONE = new PostgresWish(false, 0);

    /** One where there is nothing else to follow. */
    public static final PostgresWish UNLESS_ATTACHED = new PostgresWish(true, 0);

    /** One of this version, whatever else is followed. */
    public static PostgresWish of(final int major) {
        return new PostgresWish(true, major);
    }
}
