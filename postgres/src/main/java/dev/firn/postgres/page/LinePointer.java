package dev.firn.postgres.page;

/**
 * A line pointer as the int that the page holds (ItemIdData of storage/itemid.h): 15 bits of offset, 2 of state, 15 of length,
 * from the lowest.
 */
public final class LinePointer {
    /** LP_UNUSED: free for a new item. */
    public static final int UNUSED = 0;

    /** LP_NORMAL: points at an item. */
    public static final int NORMAL = 1;

    /** LP_REDIRECT: its offset field is the offset number of another line pointer of this page. */
    public static final int REDIRECT = 2;

    /** LP_DEAD: kept because an index points at it; it may still have an item. */
    public static final int DEAD = 3;

    /** A line pointer that is free. */
    public static final int UNUSED_POINTER = 0;

    private static final int FIELD_MASK = 0x7FFF;
    private static final int STATE_SHIFT = 15;
    private static final int STATE_MASK = 3;
    private static final int LENGTH_SHIFT = 17;

    private LinePointer() {}

    /** Packs a line pointer; the fields are cut to their bits. */
    public static int of(final int offset, final int state, final int length) {
        return (offset & FIELD_MASK) | ((state & STATE_MASK) << STATE_SHIFT) | ((length & FIELD_MASK) << LENGTH_SHIFT);
    }

    /** A redirection to another line pointer of the page. */
    public static int redirectTo(final int offsetNumber) {
        return of(offsetNumber, REDIRECT, 0);
    }

    /** Where its item begins, in bytes from the page's begin; of a redirection the offset number it points to. */
    public static int offset(final int pointer) {
        return pointer & FIELD_MASK;
    }

    /** {@link #UNUSED}, {@link #NORMAL}, {@link #REDIRECT} or {@link #DEAD}. */
    public static int state(final int pointer) {
        return pointer >>> STATE_SHIFT & STATE_MASK;
    }

    /** How long its item is; 0 when it has none. */
    public static int length(final int pointer) {
        return pointer >>> LENGTH_SHIFT;
    }

    /** Whether it points at an item. */
    public static boolean hasStorage(final int pointer) {
        return length(pointer) != 0;
    }

    /** ItemIdMarkDead: dead, with its item left in place. */
    public static int markDead(final int pointer) {
        return pointer | (DEAD << STATE_SHIFT);
    }
}
