package dev.firn.nativeio.storage;

/** Another process, or another owner in this one, holds the directory. */
public final class DirectoryLockedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param directory the directory that was asked for.
     * @param holder who holds it, as far as the lock file says ("process 4711"), or "another process".
     */
    public DirectoryLockedException(final String directory, final String holder) {
        super(directory + " is in use by " + holder + "; stop it first, or choose another directory");
    }
}
