package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.replay.WalSource;
import dev.firn.postgres.wal.WalReader;

/** A directory's log as a replay reads it. */
public final class WalFeed implements WalSource, AutoCloseable {
    private static final long MEMORY_BYTES = 2L << 20;

    private final OffHeapMemory memory;
    private final WalFiles files;

    public WalFeed(final WalDirectory directory) {
        this.memory = OffHeapMemory.open(OffHeapConfig.of("wal-feed", MEMORY_BYTES));
        this.files = new WalFiles(directory, memory);
    }

    @Override
    public boolean feed(final WalReader reader) {
        return files.feed(reader);
    }

    @Override
    public void close() {
        files.close();
        memory.close();
    }
}
