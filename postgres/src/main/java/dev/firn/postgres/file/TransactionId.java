package dev.firn.postgres.file;

/** Transaction ids: uint32 in an int, in circular order but for the first three, which are special (access/transam.h, transam.c). */
public final class TransactionId {
    /** FirstNormalTransactionId: those below are none (0), initdb's (1), and frozen (2). */
    public static final int FIRST_NORMAL = 3;

    private TransactionId() {}

    /** Whether it was given to a transaction. */
    public static boolean isNormal(final int xid) {
        return Integer.compareUnsigned(xid, FIRST_NORMAL) >= 0;
    }

    /** TransactionIdPrecedes: whether one comes before another. Special ones come before all others. */
    public static boolean precedes(final int xid, final int other) {
        return (isNormal(xid) && isNormal(other)) ? xid - other < 0 : Integer.compareUnsigned(xid, other) < 0;
    }
}
