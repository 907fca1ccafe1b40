package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import java.util.ArrayList;
import java.util.List;

/** Removes directories that no object is in. The caller holds the tree lock. Stateless. */
final class EmptyDirectories {
    private static final System.Logger LOG = System.getLogger(EmptyDirectories.class.getName());

    private EmptyDirectories() {}

    /** Whether nothing is in it; true too when it is not there. */
    static boolean isEmpty(final Storage storage, final String directory) {
        final boolean[] found = new boolean[1];
        try {
            storage.visit(directory, (name, kind) -> {
                found[0] = true;
                return false;
            });
        } catch (final StorageException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        }
        return !found[0];
    }

    /** Removes a directory and those above it, as far as they are empty. Never the store's own. */
    static void removeUpwards(final Store store, final String directory) {
        if (directory.isEmpty() || !isEmpty(store.storage(), directory)) {
            return;
        }
        final String left = store.generations().removing(() -> {
            String empty = directory;
            while (!empty.isEmpty() && remove(store.storage(), empty)) {
                empty = Storage.parentOf(empty);
            }
            return empty;
        });
        LOG.log(System.Logger.Level.TRACE, "removed what was empty from {0} up to {1}", directory, left);
    }

    /**
     * Removes a directory and all empty ones below it.
     *
     * @return false when there is a file below it: then nothing above that file is removed.
     */
    static boolean removeAll(final Store store, final String directory) {
        return store.generations().removing(() -> removeBelow(store.storage(), directory));
    }

    private static boolean removeBelow(final Storage storage, final String directory) {
        final List<String> below = new ArrayList<>();
        final boolean[] file = new boolean[1];
        storage.visit(directory, (name, kind) -> {
            file[0] |= kind != FileKind.DIRECTORY;
            below.add(directory + "/" + name);
            return !file[0];
        });
        if (file[0]) {
            return false;
        }
        for (final String child : below) {
            if (!removeBelow(storage, child)) {
                return false;
            }
        }
        return remove(storage, directory);
    }

    private static boolean remove(final Storage storage, final String directory) {
        try {
            storage.delete(directory);
            return true;
        } catch (final StorageException e) {
            if (e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST || e.errno() == Errno.EBUSY) {
                return false;
            }
            if (e.errno() == Errno.ENOENT) {
                return true;
            }
            throw e;
        }
    }
}
