package dev.firn.pagestore.replay;

import dev.firn.postgres.wal.WalReader;

/** Where a replay's log comes from. */
@FunctionalInterface
public interface WalSource {
    /**
     * Feeds a reader the bytes that it needs next.
     *
     * @return false when there are no more.
     */
    boolean feed(WalReader reader);
}
