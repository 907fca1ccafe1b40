package dev.firn.nativeio.file;

import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.StorageException;
import java.util.concurrent.atomic.AtomicBoolean;

/** flock(2) on a file: it belongs to this opening of the file, so it also keeps out other holders in this process. */
final class HostFileLock implements FileLock {
    private static final int MODE = 0640;

    private final int descriptor;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private HostFileLock(final int descriptor) {
        this.descriptor = descriptor;
    }

    /** Null when it is held. */
    static HostFileLock tryAcquire(final String name, final String path) {
        final int descriptor = FileCalls.open(path, FileCalls.O_RDWR | FileCalls.O_CREAT | FileCalls.O_CLOEXEC, MODE);
        if (descriptor < 0) {
            throw new StorageException("OPEN", name, -1, -descriptor);
        }
        final int status = FileCalls.flock(descriptor, FileCalls.LOCK_EXCLUSIVE | FileCalls.LOCK_NON_BLOCKING);
        if (status < 0) {
            FileCalls.close(descriptor);
            if (status == -Errno.EAGAIN) {
                return null;
            }
            throw new StorageException("FLOCK", name, -1, -status);
        }
        return new HostFileLock(descriptor);
    }

    @Override
    public void close() {
        if (held.compareAndSet(true, false)) {
            FileCalls.close(descriptor);
        }
    }
}
