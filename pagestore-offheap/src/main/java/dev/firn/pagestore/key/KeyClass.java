package dev.firn.pagestore.key;

/** What kind of thing a key names. The numbers are part of the layer format: they order keys, and are never used again. */
public enum KeyClass {
    /** A page of a relation: all parts of the key. */
    PAGE(0),

    /** A page of an SLRU: its number among {@code Slru} as the fork, and its page. */
    SLRU_PAGE(1),

    /** When a database's directory was dropped, or became a copy: tablespace, database. Floors come before what they are for. */
    DATABASE_FLOOR(2),

    /** Where a fork was cut: as {@link #SIZE}. Its entries say how many blocks were left. */
    RELATION_FLOOR(3),

    /** How many blocks a fork has: tablespace, database, relfilenode, fork. */
    SIZE(4),

    /** That a database has a directory in a tablespace, with or without PG_VERSION: tablespace, database. */
    DATABASE(5),

    /** The relation map of a database's directory: tablespace, database. */
    RELATION_MAP(6),

    /** How many pages a segment of an SLRU has: the SLRU's number as the fork, and the segment. */
    SLRU_SEGMENT(7),

    /** A tablespace: its path on the primary. */
    TABLESPACE(8),

    /** A prepared transaction's state: its xid as the block. */
    TWO_PHASE(9),

    /** A replication origin's progress: its id as the block. */
    ORIGIN(10),

    /** The cluster: control file and counters. */
    CLUSTER(11),

    /** When transactions committed, for restores by time: see ingest. */
    COMMIT_TIME(12);

    private static final KeyClass[] BY_NUMBER = values();

    private final int number;

    KeyClass(final int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** The class of this number, or null. */
    public static KeyClass of(final int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }
}
