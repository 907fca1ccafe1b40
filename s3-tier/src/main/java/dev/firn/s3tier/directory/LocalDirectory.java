package dev.firn.s3tier.directory;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a directory of this host as a store. */
public final class LocalDirectory {
    private LocalDirectory() {}

    /**
     * Opens the store in a directory, which is made when its parent is there: a path whose parent is missing is
     * more likely a slip or a disk that is not mounted.
     *
     * @throws StoreRefusedException in one sentence.
     */
    public static DirectoryBackend open(final Path directory, final DirectoryConfig config, final StoreLimits limits) {
        final Path place = directory.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(place)) {
                Files.createDirectory(place);
                new HostStorage(place.getParent()).syncDirectory("");
            }
        } catch (final FileAlreadyExistsException e) {
            throw new StoreRefusedException(place + " is a file, and a store needs a directory", e);
        } catch (final IOException e) {
            throw new StoreRefusedException(
                    "cannot make the directory " + place + " for a store: " + e.getMessage(), e);
        }
        return DirectoryBackend.open(
                new HostStorage(place), place.toString(), config, limits, SystemClock.INSTANCE, SystemRandom.create());
    }
}
