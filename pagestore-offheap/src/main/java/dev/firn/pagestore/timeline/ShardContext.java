package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;

/**
 * What a shard stands on. All is borrowed, and outlives it.
 *
 * @param memory for memory tables, reads, indexes and the page cache.
 * @param session of the shard's thread; polled by {@code objects}.
 * @param objects how layers are read.
 * @param link to the housekeeper.
 * @param inputs {@link Inputs#POSTGRES}, but for simulations.
 */
public record ShardContext(
        ShardConfig config,
        Clock clock,
        OffHeapMemory memory,
        ObjectStore store,
        StoreSession session,
        CallOptions calls,
        ObjectReads objects,
        UpkeepLink link,
        Inputs inputs) {
    /** Makes what fills timelines. */
    @FunctionalInterface
    public interface Inputs {
        /** Base backups and WAL of Postgres. */
        Inputs POSTGRES = PostgresInput::new;

        TimelineInput open(TimelineSpec spec, OffHeapMemory memory, int maxDeltas);
    }
}
