package dev.firn.nvmecache;

/** Whether a cache serves. */
public enum CacheState {
    /** Reads and inserts go to the device. */
    ON,
    /** The device failed too often, or could not be used at the start: everything misses. Until the next open. */
    OFF,
    CLOSED
}
