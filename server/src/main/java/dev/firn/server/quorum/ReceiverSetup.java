package dev.firn.server.quorum;

import dev.firn.s3tier.location.StoreLocation;
import java.nio.file.Path;

/**
 * What a receiver is made of.
 *
 * @param directory the role's own.
 * @param store where base backups, histories and the catalogue are.
 * @param timeline its name.
 * @param connInfoFile libpq's connection string of the primary.
 * @param isAwaited whether somebody waits for the timeline to be made, and is told when that fails; else it is tried again.
 */
public record ReceiverSetup(
        NodeNetwork network,
        Path directory,
        StoreLocation store,
        String timeline,
        Path connInfoFile,
        boolean isAwaited) {}
