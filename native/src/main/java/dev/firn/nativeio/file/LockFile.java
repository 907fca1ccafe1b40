package dev.firn.nativeio.file;

import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * flock(2) on a file in the directory. The kernel drops the lock when the process ends however it ends, so the file itself
 * stays; its content names the holder for the message that a second one gets, and is no lock.
 */
final class LockFile implements DirectoryLock {
    private static final int MODE = 0640;

    private final int descriptor;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private LockFile(final int descriptor) {
        this.descriptor = descriptor;
    }

    static LockFile acquire(final Path directory) {
        final Path path = directory.resolve(Storage.LOCK_FILE);
        final int descriptor =
                FileCalls.open(path.toString(), FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_CLOEXEC, MODE);
        if (descriptor < 0) {
            throw new StorageException("OPEN", path.toString(), -1, -descriptor);
        }
        final int status = FileCalls.flock(descriptor, FileCalls.LOCK_EXCLUSIVE | FileCalls.LOCK_NON_BLOCKING);
        if (status < 0) {
            FileCalls.close(descriptor);
            if (status == -Errno.EAGAIN) {
                throw new DirectoryLockedException(directory.toString(), holder(path));
            }
            throw new StorageException("FLOCK", path.toString(), -1, -status);
        }
        writeHolder(path);
        return new LockFile(descriptor);
    }

    private static void writeHolder(final Path path) {
        try {
            Files.writeString(path, "process " + ProcessHandle.current().pid() + "\n");
        } catch (final IOException e) {
            // A full disk: the lock holds all the same, only the message of a second holder is poorer.
            System.getLogger(LockFile.class.getName())
                    .log(System.Logger.Level.WARNING, "could not name this process in " + path, e);
        }
    }

    private static String holder(final Path path) {
        try {
            final String content = Files.readString(path).strip();
            return content.isEmpty() ? "another process" : content;
        } catch (final IOException unreadable) {
            return "another process";
        }
    }

    @Override
    public void close() {
        if (held.compareAndSet(true, false)) {
            FileCalls.close(descriptor);
        }
    }
}
