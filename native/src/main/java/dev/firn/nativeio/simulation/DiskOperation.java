package dev.firn.nativeio.simulation;

/** What a simulated disk does, by ring or by blocking call: what a {@link FaultRule} can aim at. */
public enum DiskOperation {
    READ,
    WRITE,
    /** fsync and fdatasync of a file. */
    SYNC,
    ALLOCATE,
    TRUNCATE,
    /** Setting an extended attribute. */
    SET_ATTRIBUTE,
    CREATE,
    OPEN,
    RENAME,
    DELETE,
    MAKE_DIRECTORY,
    LIST,
    SYNC_DIRECTORY
}
