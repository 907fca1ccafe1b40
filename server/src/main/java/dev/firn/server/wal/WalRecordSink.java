package dev.firn.server.wal;

import dev.firn.postgres.wal.WalRecord;
import java.io.IOException;

/** Takes records one after the other. */
@FunctionalInterface
public interface WalRecordSink {
    /**
     * Takes a record.
     *
     * @param record borrowed for the call.
     * @return whether it wants more.
     */
    boolean accept(WalRecord record) throws IOException;
}
