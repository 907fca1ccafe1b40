package dev.firn.nativeio.simulation;

/** What can go wrong in a simulation, counted by {@link Trace#count} each time that it does. */
public enum FaultKind {
    /** A crash left an unsynced sector as it was before the writes. */
    SECTOR_LOST,
    /** A crash left an unsynced sector with its newest content. */
    SECTOR_SURVIVED,
    /** A crash left an unsynced sector with a version between the oldest and the newest. */
    SECTOR_INTERMEDIATE,
    /** A crash left an unsynced sector with the first bytes of one version and the rest of an earlier one. */
    SECTOR_TORN,
    /** A crash left a file with another length than it had. */
    LENGTH_LOST,
    /** A crash left a file with earlier extended attributes than it had. */
    ATTRIBUTE_LOST,
    /** A crash undid the creation, renaming or deletion of a directory entry. */
    ENTRY_LOST,
    /** A crash kept an unsynced creation, renaming or deletion. */
    ENTRY_SURVIVED,
    /** A crash or kill caught a write in flight and applied some of its sectors. */
    WRITE_CUT,
    READ_ERROR,
    WRITE_ERROR,
    SYNC_ERROR,
    DIRECTORY_SYNC_ERROR,
    /** A failure of another kind that was asked for by a {@link FaultRule}. */
    INJECTED_ERROR,
    NO_SPACE,
    SHORT_READ,
    SHORT_WRITE,
    BIT_FLIPPED,
    /** A submit handed over less than was queued. */
    PARTIAL_SUBMIT,
    POWER_LOSS,
    PROCESS_KILL,
    AGENT_STALL,
    CLOCK_JUMP,
    MESSAGE_LOST,
    MESSAGE_DUPLICATED,
    MESSAGE_REORDERED,
    /** A message was sent into, or caught by, a partition, or its destination was down. */
    MESSAGE_UNREACHABLE,
    BACK_PRESSURE,
    PARTITION
}
