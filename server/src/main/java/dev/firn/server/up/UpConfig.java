package dev.firn.server.up;

import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.objectstore.StoreProbeConfig;
import dev.firn.server.storage.ProbeConfig;
import java.util.Optional;

/**
 * What {@code firn up} is asked for beside the data directory.
 *
 * @param port of the status endpoint; 0 for any that is free.
 * @param store where the objects are; empty for where they are already, or the directory's own folder.
 * @param probes how the disk is measured.
 * @param storeProbes how the store is proved.
 */
public record UpConfig(int port, Optional<StoreLocation> store, ProbeConfig probes, StoreProbeConfig storeProbes) {
    public static UpConfig of(final int port, final Optional<StoreLocation> store) {
        return new UpConfig(port, store, ProbeConfig.STANDARD, StoreProbeConfig.STANDARD);
    }
}
