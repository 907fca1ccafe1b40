package dev.firn.postgres.wal;

/** The built-in resource managers: access/rmgrlist.h. The ordinal is the id in a record; ids never change their meaning. */
public enum ResourceManager {
    XLOG("XLOG"),
    TRANSACTION("Transaction"),
    STORAGE("Storage"),
    CLOG("CLOG"),
    DATABASE("Database"),
    TABLESPACE("Tablespace"),
    MULTIXACT("MultiXact"),
    RELMAP("RelMap"),
    STANDBY("Standby"),
    HEAP2("Heap2"),
    HEAP("Heap"),
    BTREE("Btree"),
    HASH("Hash"),
    GIN("Gin"),
    GIST("Gist"),
    SEQUENCE("Sequence"),
    SPGIST("SPGist"),
    BRIN("BRIN"),
    COMMIT_TS("CommitTs"),
    REPLICATION_ORIGIN("ReplicationOrigin"),
    GENERIC("Generic"),
    LOGICAL_MESSAGE("LogicalMessage");

    /** RM_MIN_CUSTOM_ID of access/rmgr.h: from here on, ids are those of extensions. */
    static final int FIRST_CUSTOM_ID = 128;

    private static final ResourceManager[] ALL = values();

    private final String displayName;

    ResourceManager(final String displayName) {
        this.displayName = displayName;
    }

    /** As {@code pg_waldump} prints it. */
    public String displayName() {
        return displayName;
    }

    /** The id in a record. */
    public int id() {
        return ordinal();
    }

    /** The built-in one with this id, or null. */
    public static ResourceManager ofId(final int id) {
        return id >= 0 && id < ALL.length ? ALL[id] : null;
    }

    /** Whether a record may name it (RmgrIdIsValid): built in, or of an extension. */
    static boolean isValid(final int id) {
        return ofId(id) != null || (id >= FIRST_CUSTOM_ID && id <= 255);
    }
}
