package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * The directory below {@code .firn/tmp} that this process makes its files in, and the lock on it by which others
 * know that it lives: whoever gets the lock sweeps what is there. Joining and sweeping exclude each other by {@link
 * StoreLayout#MEMBERS_LOCK}.
 *
 * <p>Thread-safe.
 */
final class ProcessFolder implements AutoCloseable {
    private static final String LOCK_NAME = "lock";

    private final Storage storage;
    private final String path;
    private final FileLock lock;
    private final AtomicLong files = new AtomicLong();

    private ProcessFolder(final Storage storage, final String path, final FileLock lock) {
        this.storage = storage;
        this.path = path;
        this.lock = lock;
    }

    /** The caller holds the members lock. */
    static ProcessFolder join(final Storage storage, final RandomGenerator random) {
        final String path = StoreLayout.TEMPORARIES + "/" + HexFormat.of().toHexDigits(random.nextLong());
        storage.createDirectories(path);
        final FileLock lock = storage.tryLock(path + "/" + LOCK_NAME);
        if (lock == null) {
            throw new StoreRefusedException(
                    path + " is in use by another process, by an accident of one in 2^64: try again");
        }
        return new ProcessFolder(storage, path, lock);
    }

    String path() {
        return path;
    }

    /** The file whose lock says that this process lives. */
    String lockPath() {
        return path + "/" + LOCK_NAME;
    }

    /** A name for a new file. */
    String newFile() {
        return path + "/" + files.getAndIncrement();
    }

    /**
     * Removes what dead processes have left. The caller holds the members lock.
     *
     * @return how many files.
     */
    static int sweep(final Storage storage) {
        int removed = 0;
        for (final String name : storage.list(StoreLayout.TEMPORARIES)) {
            final String left = StoreLayout.TEMPORARIES + "/" + name;
            try (FileLock lock = storage.tryLock(left + "/" + LOCK_NAME)) {
                if (lock != null) {
                    removed += remove(storage, left);
                }
            } catch (final StorageException e) {
                // A file that somebody put there, or one that went meanwhile: nothing of ours.
                if (e.errno() != Errno.ENOTDIR && e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        return removed;
    }

    private static int remove(final Storage storage, final String folder) {
        int removed = 0;
        for (final String file : storage.list(folder)) {
            storage.delete(folder + "/" + file);
            removed += file.equals(LOCK_NAME) ? 0 : 1;
        }
        storage.delete(folder);
        return removed;
    }

    /** Leaves nothing behind, unless the disk is gone; then the next process that opens the store sweeps. */
    @Override
    public void close() {
        try {
            remove(storage, path);
        } catch (final StorageException e) {
            System.getLogger(ProcessFolder.class.getName())
                    .log(System.Logger.Level.DEBUG, "what is left in {0} is swept later: {1}", path, e.getMessage());
        } finally {
            lock.close();
        }
    }
}
