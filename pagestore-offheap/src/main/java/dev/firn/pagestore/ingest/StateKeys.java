package dev.firn.pagestore.ingest;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Slru;

/** The keys of all that is not a page of a relation, from what they name. */
public final class StateKeys {
    static final long PAGE = PageKeys.high(KeyClass.PAGE, 0);
    static final long SLRU_PAGE = PageKeys.high(KeyClass.SLRU_PAGE, 0);
    static final long DATABASE_FLOOR = PageKeys.high(KeyClass.DATABASE_FLOOR, 0);
    static final long RELATION_FLOOR = PageKeys.high(KeyClass.RELATION_FLOOR, 0);
    static final long SIZE = PageKeys.high(KeyClass.SIZE, 0);
    static final long DATABASE = PageKeys.high(KeyClass.DATABASE, 0);
    static final long RELATION_MAP = PageKeys.high(KeyClass.RELATION_MAP, 0);
    static final long SLRU_SEGMENT = PageKeys.high(KeyClass.SLRU_SEGMENT, 0);
    static final long TABLESPACE = PageKeys.high(KeyClass.TABLESPACE, 0);
    static final long TWO_PHASE = PageKeys.high(KeyClass.TWO_PHASE, 0);
    static final long ORIGIN = PageKeys.high(KeyClass.ORIGIN, 0);

    /** Of a {@link KeyClass#DATABASE} entry: the directory has a PG_VERSION. */
    public static final int HAS_VERSION = 1;

    /** A {@link KeyClass#TWO_PHASE} payload: the transaction's id with its epoch, then the file's content without the checksum. */
    public static final int TWO_PHASE_CONTENT = Long.BYTES;

    private StateKeys() {}

    /** The high part for a class and a packed space ({@link BlockKey#space}). */
    static long high(final long classHigh, final long space) {
        return classHigh | Integer.toUnsignedLong(BlockKey.tablespace(space));
    }

    static long middle(final long space, final long relation) {
        return PageKeys.middle(BlockKey.database(space), BlockKey.relfilenode(relation));
    }

    /** The middle part for a database's directory. */
    static long middle(final long space) {
        return PageKeys.middle(BlockKey.database(space), 0);
    }

    static long low(final long relation) {
        return PageKeys.low(BlockKey.fork(relation), 0);
    }

    /** The low part for a prepared transaction or an origin. */
    static long ofId(final int id) {
        return PageKeys.low(0, id);
    }

    /** The low part for a page or a segment of an SLRU. */
    public static long low(final Slru slru, final int number) {
        return PageKeys.low(slru.ordinal(), number);
    }
}
