package dev.firn.walquorum.backup;

import dev.firn.s3tier.store.CallOptions;
import java.time.Duration;

/**
 * What taking a base backup may use.
 *
 * @param partBytes of an archive's parts, unless its estimated length asks for longer ones.
 * @param buffers of an archive: parts on their way, and the one that is filled.
 * @param maxMemoryBytes most off-heap memory. Larger tablespaces need longer parts, as an object has at most 10,000.
 * @param options of each call.
 */
public record BackupSinkConfig(long partBytes, int buffers, long maxMemoryBytes, CallOptions options) {
    public static final BackupSinkConfig DEFAULT =
            new BackupSinkConfig(8L << 20, 4, 2L << 30, CallOptions.within(Duration.ofMinutes(5)));

    public BackupSinkConfig {
        if (partBytes < 1 || buffers < 1 || maxMemoryBytes < partBytes) {
            throw new IllegalArgumentException(
                    buffers + " buffers of " + partBytes + " bytes within " + maxMemoryBytes + " bytes make no sense");
        }
    }
}
