package dev.firn.nativeio.portable;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingContract;
import dev.firn.nativeio.storage.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class PortableRingTest extends RingContract {
    @TempDir
    Path directory;

    @Override
    protected Storage openStorage() {
        return new HostStorage(directory);
    }

    @Override
    protected RingConfig config() {
        return RingConfig.ofCapacity(CAPACITY).withBackend(RingBackend.PORTABLE);
    }
}
