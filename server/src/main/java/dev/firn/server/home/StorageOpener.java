package dev.firn.server.home;

import dev.firn.nativeio.storage.Storage;
import java.nio.file.Path;

/** Makes the storage that stands for a directory: the host's file system in production. */
@FunctionalInterface
public interface StorageOpener {
    Storage open(Path directory);
}
