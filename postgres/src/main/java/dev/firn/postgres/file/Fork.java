package dev.firn.postgres.file;

/** The forks of a relation (ForkNumber of common/relpath.h), in their order: the ordinal is Postgres' number. */
public enum Fork {
    /** The relation's data. */
    MAIN(""),
    /** The free space map. */
    FREE_SPACE_MAP("_fsm"),
    /** The visibility map. */
    VISIBILITY_MAP("_vm"),
    /** What an unlogged relation is reset to after a crash. */
    INIT("_init");

    private static final Fork[] ALL = values();

    private final String suffix;

    Fork(final String suffix) {
        this.suffix = suffix;
    }

    /** Postgres' number. */
    public int number() {
        return ordinal();
    }

    /** What its files' names have after the relfilenode. */
    public String suffix() {
        return suffix;
    }

    /** The fork with Postgres' number, or null. */
    public static Fork of(final int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : null;
    }
}
