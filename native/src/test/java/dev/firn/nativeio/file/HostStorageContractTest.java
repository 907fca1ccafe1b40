package dev.firn.nativeio.file;

import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class HostStorageContractTest extends StorageContract {
    @TempDir
    Path directory;

    @Override
    protected Storage open() {
        return new HostStorage(directory);
    }
}
