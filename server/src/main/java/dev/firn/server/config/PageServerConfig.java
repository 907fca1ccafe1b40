package dev.firn.server.config;

import dev.firn.s3tier.location.StoreLocation;
import java.nio.file.Path;

/**
 * What {@code firn run page-server} is told.
 *
 * @param store where timelines, base backups, the archive and the layers are.
 * @param memoryBytes what it may hold off the heap: page cache, memory tables, indexes, the map of the block cache.
 * @param cacheBytes how large its block cache on the local disk may be; 0 for none.
 */
public record PageServerConfig(
        RoleConfig role, NetworkConfig network, StoreLocation store, long memoryBytes, long cacheBytes) {
    public static final String NAME = "page-server";

    private static final int DEFAULT_MIB = 2_048;
    private static final int LEAST_MIB = 1_024;
    private static final int MOST_MIB = 1 << 20;

    /** What a host may be expected to have; no more than half of what is free on the disk is ever taken. */
    private static final int DEFAULT_CACHE_MIB = 16 << 10;

    private static final int MOST_CACHE_MIB = 1 << 26;

    /** Reads and checks the file. */
    public static PageServerConfig read(final Path file) {
        final ConfigReader reader = ConfigReader.open(file);
        final PageServerConfig config = new PageServerConfig(
                RoleConfig.read(reader, NAME),
                NetworkConfig.read(reader),
                WalNodeConfig.store(reader),
                (long) reader.number("memoryMiB", LEAST_MIB, MOST_MIB, DEFAULT_MIB) << 20,
                (long) reader.number("cacheMiB", 0, MOST_CACHE_MIB, DEFAULT_CACHE_MIB) << 20);
        if (config.network.walNodes().contains(config.network.node())) {
            throw reader.wrong("node", "is a WAL node's: give the page server an id of its own");
        }
        reader.end();
        return config;
    }
}
