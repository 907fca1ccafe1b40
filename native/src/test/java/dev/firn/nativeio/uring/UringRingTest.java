package dev.firn.nativeio.uring;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingContract;
import dev.firn.nativeio.storage.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class UringRingTest extends RingContract {
    @TempDir
    Path directory;

    @BeforeAll
    static void needsUring() {
        assumeTrue(UringSupport.host().available(), UringSupport.host().reason());
    }

    @Override
    protected Storage openStorage() {
        return new HostStorage(directory);
    }

    @Override
    protected RingConfig config() {
        return RingConfig.ofCapacity(CAPACITY).withBackend(RingBackend.URING);
    }
}
