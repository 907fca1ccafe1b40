package dev.firn.server.lake;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.server.store.StoreConnection;
import java.util.function.BooleanSupplier;

/** The target that a URL means, not opened yet. */
public final class ExportTargets {
    private final StoreLocation location;

    private ExportTargets(final StoreLocation location) {
        this.location = location;
    }

    /** @throws IllegalArgumentException when it is no URL of a target; says why in one sentence. */
    public static ExportTargets parse(final String url) {
        return new ExportTargets(StoreLocation.parse(url));
    }

    /**
     * @param memory borrowed.
     * @param stop whether the user has asked to stop.
     */
    public ExportTarget open(final OffHeapMemory memory, final Clock clock, final BooleanSupplier stop) {
        return switch (location) {
            case DirectoryLocation plain -> new DirectoryTarget(plain.directory());
            case BucketLocation bucket -> new BucketTarget(StoreConnection.open(bucket, clock, stop), memory);
        };
    }
}
