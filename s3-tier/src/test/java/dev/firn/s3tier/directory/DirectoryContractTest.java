package dev.firn.s3tier.directory;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.contract.ObjectStoreContract;
import dev.firn.s3tier.contract.StoreCapabilities;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a directory of this host, with the workers of production. */
class DirectoryContractTest extends ObjectStoreContract {
    @TempDir
    Path directory;

    @Override
    protected ObjectStore open(final StoreLimits limits) {
        return SessionStore.over(
                LocalDirectory.open(directory, DirectoryConfig.DEFAULT, limits),
                SystemClock.INSTANCE,
                SystemRandom.create());
    }

    @Override
    protected StoreCapabilities capabilities() {
        return StoreCapabilities.FULL;
    }
}
