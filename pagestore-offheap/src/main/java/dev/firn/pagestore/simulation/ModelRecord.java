package dev.firn.pagestore.simulation;

import java.util.List;

/** A record of the log: from where to where, and what it changes. */
record ModelRecord(long lsn, long endLsn, List<Change> changes) {
    /** One entry. @param payload of a WAL record its bytes. */
    record Change(ModelKey key, int kindByte, byte[] payload) {}
}
