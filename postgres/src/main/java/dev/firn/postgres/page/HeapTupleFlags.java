package dev.firn.postgres.page;

/** The bits of t_infomask and t_infomask2 (access/htup_details.h). */
public final class HeapTupleFlags {
    /** t_infomask: some attribute is null, so there is a bitmap. */
    public static final int HAS_NULL = 0x0001;
    /** t_infomask: some attribute has a variable width. */
    public static final int HAS_VARWIDTH = 0x0002;
    /** t_infomask: some attribute is stored out of line. */
    public static final int HAS_EXTERNAL = 0x0004;
    /** t_infomask: an object id stands before the data; not written since 12. */
    public static final int HAS_OID_OLD = 0x0008;
    /** t_infomask: xmax holds a key-share lock. */
    public static final int XMAX_KEYSHR_LOCK = 0x0010;
    /** t_infomask: t_cid is a combo command id. */
    public static final int COMBOCID = 0x0020;
    /** t_infomask: xmax holds an exclusive lock. */
    public static final int XMAX_EXCL_LOCK = 0x0040;
    /** t_infomask: xmax only locks. */
    public static final int XMAX_LOCK_ONLY = 0x0080;
    /** t_infomask: xmax holds a share lock. */
    public static final int XMAX_SHR_LOCK = XMAX_EXCL_LOCK | XMAX_KEYSHR_LOCK;
    /** t_infomask: all that says which lock xmax holds. */
    public static final int LOCK_MASK = XMAX_SHR_LOCK;
    /** t_infomask: xmin committed. */
    public static final int XMIN_COMMITTED = 0x0100;
    /** t_infomask: xmin aborted. */
    public static final int XMIN_INVALID = 0x0200;
    /** t_infomask: xmin is older than every snapshot. */
    public static final int XMIN_FROZEN = XMIN_COMMITTED | XMIN_INVALID;
    /** t_infomask: xmax committed. */
    public static final int XMAX_COMMITTED = 0x0400;
    /** t_infomask: there is no xmax, or it aborted. */
    public static final int XMAX_INVALID = 0x0800;
    /** t_infomask: xmax is a multixact. */
    public static final int XMAX_IS_MULTI = 0x1000;
    /** t_infomask: this is a later version of its row. */
    public static final int UPDATED = 0x2000;
    /** t_infomask: moved away by VACUUM FULL before 9.0. */
    public static final int MOVED_OFF = 0x4000;
    /** t_infomask: moved here by VACUUM FULL before 9.0. */
    public static final int MOVED_IN = 0x8000;
    /** t_infomask: moved either way. */
    public static final int MOVED = MOVED_OFF | MOVED_IN;
    /** t_infomask: what is about visibility. */
    public static final int XACT_MASK = 0xFFF0;
    /** t_infomask: what goes off when xmax changes. */
    public static final int XMAX_BITS = XMAX_COMMITTED | XMAX_INVALID | XMAX_IS_MULTI | LOCK_MASK | XMAX_LOCK_ONLY;

    /** t_infomask2: the number of attributes. */
    public static final int ATTRIBUTES_MASK = 0x07FF;
    /** t_infomask2: deleted, or updated in a key column. */
    public static final int KEYS_UPDATED = 0x2000;
    /** t_infomask2: the next version is on this page, and no index points at it. */
    public static final int HOT_UPDATED = 0x4000;
    /** t_infomask2: no index points at this version. */
    public static final int ONLY_TUPLE = 0x8000;
    /** t_infomask2: what is about visibility. */
    public static final int XACT_MASK_2 = 0xE000;

    private HeapTupleFlags() {}

    /** HEAP_XMAX_IS_LOCKED_ONLY: xmax, if valid, neither updated nor deleted. */
    public static boolean isLockedOnly(final int infomask) {
        return (infomask & XMAX_LOCK_ONLY) != 0 || (infomask & (XMAX_IS_MULTI | LOCK_MASK)) == XMAX_EXCL_LOCK;
    }

    /** HEAP_LOCKED_UPGRADED: a share lock of 9.2 or before, long gone; its multixact must not be looked up. */
    public static boolean isLockedUpgraded(final int infomask) {
        return (infomask & (XMAX_IS_MULTI | XMAX_LOCK_ONLY)) == (XMAX_IS_MULTI | XMAX_LOCK_ONLY)
                && (infomask & LOCK_MASK) == 0;
    }
}
