package dev.firn.nativeio.storage;

import java.util.List;

/**
 * A directory tree: the storage half of the fault seam. The host's file system and the simulated
 * disk both stand behind it.
 *
 * <p>Names are relative, with {@code /} between parts; absolute names and {@code ..} are refused. Calls block: this is the
 * control path. Creating, renaming and deleting are durable only after {@link #syncDirectory} of each directory that
 * changed; the {@code …Durably} methods do that.
 *
 * <p>Failures are {@link StorageException}s with the file and errno.
 */
public interface Storage extends AutoCloseable {
    /** The file that {@link #lock} keeps in a directory: there before and after the lock is held, so a listing meets it. */
    String LOCK_FILE = "lock";

    /** Creates a file that must not exist yet, open for reading and writing. */
    StorageFile create(String name, Access access);

    /** Opens an existing file for reading and writing. */
    StorageFile open(String name, Access access);

    /** Opens an existing file for reading. */
    StorageFile openForRead(String name, Access access);

    boolean exists(String name);

    /** Creates a directory and its parents; no error when it is there. */
    void createDirectories(String name);

    /** Replaces {@code to} atomically. */
    void rename(String from, String to);

    /**
     * Renames, unless {@code to} is there: decided atomically between all processes that use the file system.
     *
     * @return false, without effect, when {@code to} is there, whatever it is.
     */
    boolean renameExclusively(String from, String to);

    /** Removes a file or an empty directory. */
    void delete(String name);

    /** Names of the entries directly below a directory, sorted; "" is the root. */
    List<String> list(String directory);

    /**
     * Shows the visitor the entries directly below a directory, in no order, as they are read; "" is the root. What is created
     * or removed meanwhile is shown or not.
     */
    void visit(String directory, EntryVisitor visitor);

    /** What stands under a name, or null when nothing does. */
    FileStatus status(String name);

    /**
     * An extended attribute of a file, without opening it.
     *
     * @return null when the file has no such attribute, or is on a file system that keeps none.
     */
    byte[] attribute(String name, String attribute);

    /**
     * Opens a directory to make its entries durable through a {@link Ring}: a sync is the only thing that it takes. "" is the
     * root.
     */
    StorageFile openDirectory(String directory);

    /** Makes the directory's entries durable; "" is the root. */
    void syncDirectory(String directory);

    /**
     * Takes the advisory lock that keeps a second process (or a second storage in this one) off a directory; released by
     * closing it or by the end of the process. Throws {@link DirectoryLockedException} when it is held.
     */
    DirectoryLock lock(String directory);

    /**
     * Takes an advisory lock on a file between all processes, and between all holders in this one; makes the file when it is not
     * there. Released by closing it or by the end of the process, however that ends.
     *
     * @return null when it is held.
     */
    FileLock tryLock(String name);

    /** Opens a ring for the calling thread, which then owns it. */
    Ring openRing(RingConfig config);

    /** Creates a file of this length whose name and space survive a crash. */
    default StorageFile createDurably(final String name, final Access access, final long lengthBytes) {
        final StorageFile file = create(name, access);
        try {
            if (lengthBytes > 0) {
                file.allocate(0, lengthBytes);
            }
            file.sync();
            syncDirectory(parentOf(name));
            return file;
        } catch (final RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Renames, and makes that survive a crash. The file's content must have been synced before. */
    default void renameDurably(final String from, final String to) {
        rename(from, to);
        syncDirectory(parentOf(to));
        if (!parentOf(from).equals(parentOf(to))) {
            syncDirectory(parentOf(from));
        }
    }

    /** Deletes, and makes that survive a crash. */
    default void deleteDurably(final String name) {
        delete(name);
        syncDirectory(parentOf(name));
    }

    /** The directory part of a name; "" for one in the root. */
    static String parentOf(final String name) {
        final int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    @Override
    void close();
}
