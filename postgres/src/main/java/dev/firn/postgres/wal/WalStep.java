package dev.firn.postgres.wal;

/** What {@link WalReader#next()} came to. */
public enum WalStep {
    /** {@link WalReader#record()} is the next record. */
    RECORD,

    /** What was fed is used up: {@link WalReader#neededLsn()} and {@link WalReader#neededBytes()} say what is next. */
    NEEDS_BYTES,

    /** The log ends: {@link WalReader#end()} says where and why. */
    ENDED
}
