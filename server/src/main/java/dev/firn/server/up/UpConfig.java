package dev.firn.server.up;

import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.objectstore.StoreProbeConfig;
import dev.firn.server.postgres.PostgresWish;
import dev.firn.server.storage.ProbeConfig;
import java.util.Optional;

/**
 * What {@code firn up} is asked for beside the data directory.
 *
 * @param port of the status endpoint; 0 for any that is free.
 * @param store where the objects are; empty for where they are already, or the directory's own folder.
 * @param inProcess whether the quorum's roles are threads of this process, and not processes of their own.
 * @param postgres which Postgres it runs itself.
 * @param probes how the disk is measured.
 * @param storeProbes how the store is proved.
 */
public record UpConfig(
        int port,
        Optional<StoreLocation> store,
        boolean inProcess,
        PostgresWish postgres,
        ProbeConfig probes,
        StoreProbeConfig storeProbes) {
    /** Without a Postgres of its own. */
    public static UpConfig of(final int port, final Optional<StoreLocation> store, final boolean inProcess) {
        return new UpConfig(port, store, inProcess, PostgresWish.NONE, ProbeConfig.STANDARD, StoreProbeConfig.STANDARD);
    }

    public UpConfig withPostgres(final PostgresWish other) {
        return new UpConfig(port, store, inProcess, other, probes, storeProbes);
    }
}
