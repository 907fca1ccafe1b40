package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import java.util.ArrayList;
import java.util.List;

/**
 * The second half of a write: a file that is whole and synced, attribute and all, gets its name, and the name is
 * made durable.
 *
 * <p>To create is one rename that refuses a taken name: it needs no lock, whoever else does what. All that touches
 * an object that is there (to replace it whatever it is, to replace one version, to delete) holds the key's lock,
 * so that nothing happens between looking at the version and the rename. Directories are made under the tree lock,
 * together with the rename into them: nobody removes them between the two.
 */
abstract class PublishTask extends Task {
    private final String key;
    private final String path;
    private final Precondition precondition;
    private FileLock keyLock;
    private FileLock treeLock;
    private SyncRounds.Ticket durability;
    private long generation;
    private boolean published;

    PublishTask(final Attempt attempt, final String key, final Precondition precondition) {
        super(attempt);
        this.key = key;
        this.path = KeyPaths.pathOf(key);
        this.precondition = precondition;
    }

    /** The file that becomes the object. */
    abstract String source();

    abstract String etag();

    /** What to answer when the file that becomes the object is not there any more. */
    abstract AttemptResult sourceGone();

    /** The file is the object now: it has lost its old name. */
    abstract void onPublished();

    final String key() {
        return key;
    }

    final boolean published() {
        return published;
    }

    /**
     * Ends the task when the condition does not hold now: that saves the writing. Whether it holds then, is asked
     * again.
     */
    final void checkEarly() {
        final AttemptFailed broken = store().broken();
        if (broken != null) {
            end(broken);
        } else if (precondition instanceof Precondition.Absent) {
            final FileStatus status = store().storage().status(path);
            if (status != null && status.kind() == FileKind.FILE) {
                end(taken());
            }
        } else if (precondition instanceof Precondition.Matches(String expected)) {
            checkVersion(expected);
        }
    }

    /** Goes on with giving the file its name; called again and again until the task ends. */
    final void publish() {
        if (!published) {
            final AttemptFailed broken = store().broken();
            if (broken != null) {
                end(broken);
            } else if (precondition instanceof Precondition.Absent) {
                name();
            } else if (lockKey()) {
                if (precondition instanceof Precondition.Matches(String expected)) {
                    checkVersion(expected);
                }
                if (!ending()) {
                    name();
                }
            }
        }
        if (published && !ending()) {
            makeDurable();
        }
    }

    private boolean lockKey() {
        if (keyLock == null) {
            keyLock = store().tryLockKey(path);
        }
        if (keyLock == null) {
            tryAgain();
        }
        return keyLock != null;
    }

    private boolean lockTree() {
        if (treeLock == null) {
            treeLock = store().tryLockTree();
        }
        if (treeLock == null) {
            tryAgain();
        }
        return treeLock != null;
    }

    private void unlock() {
        if (treeLock != null) {
            treeLock.close();
            treeLock = null;
        }
        if (keyLock != null) {
            keyLock.close();
            keyLock = null;
        }
    }

    private void checkVersion(final String expected) {
        final ObjectFile.Version version = ObjectFile.versionAt(store().storage(), path);
        if (version == null) {
            end(
                    store().isThere()
                            ? new ConditionFailed(
                                    "there is no object " + key + " any more, and " + expected + " was expected")
                            : Failures.placeGone(store().place()));
        } else if (version.damage() != null) {
            end(Failures.corrupt(key + " in " + store().place() + " is not replaced: " + version.damage()));
        } else if (!version.etag().equals(expected)) {
            end(new ConditionFailed(key + " is " + version.etag() + " now, not " + expected));
        }
    }

    private ConditionFailed taken() {
        return new ConditionFailed("there is an object " + key);
    }

    private void name() {
        try {
            if (rename()) {
                onRenamed();
            } else if (isDirectory(path)) {
                removeEmptyDirectories();
            } else {
                end(taken());
            }
        } catch (final StorageException e) {
            switch (e.errno()) {
                case Errno.ENOENT -> nameInNewDirectory(e);
                case Errno.ENOTDIR, Errno.EEXIST -> end(belowAnObject());
                case Errno.EISDIR, Errno.ENOTEMPTY -> removeEmptyDirectories();
                default -> throw e;
            }
        }
    }

    private boolean rename() {
        if (precondition instanceof Precondition.Absent) {
            return store().storage().renameExclusively(source(), path);
        }
        store().storage().rename(source(), path);
        return true;
    }

    private boolean isDirectory(final String name) {
        final FileStatus status = store().storage().status(name);
        return status != null && status.kind() == FileKind.DIRECTORY;
    }

    private void nameInNewDirectory(final StorageException missing) {
        final String parent = Storage.parentOf(path);
        if (!store().storage().exists(source())) {
            end(store().isThere() ? sourceGone() : Failures.placeGone(store().place()));
        } else if (parent.isEmpty()) {
            throw missing;
        } else if (lockTree()) {
            try {
                store().storage().createDirectories(parent);
                if (rename()) {
                    onRenamed();
                } else {
                    end(taken());
                }
            } catch (final StorageException e) {
                if (e.errno() != Errno.ENOTDIR && e.errno() != Errno.EEXIST) {
                    throw e;
                }
                end(belowAnObject());
            }
        }
    }

    /** Directories that only stand empty in the way of the key are no objects: they go. */
    private void removeEmptyDirectories() {
        if (!lockTree()) {
            return;
        }
        if (!isDirectory(path)) {
            tryAgain();
        } else if (EmptyDirectories.removeAll(store(), path)) {
            tryAgain();
        } else {
            end(Failures.rejected("there is no object " + key + ", because there are objects below " + key
                    + "/: in a directory no key is the directory of another"));
        }
    }

    private AttemptFailed belowAnObject() {
        return Failures.rejected(
                "there is no object " + key + ", because a part of it before a slash is an object: in a"
                        + " directory no key is the directory of another");
    }

    private void onRenamed() {
        published = true;
        final String sourceDirectory = Storage.parentOf(source());
        onPublished();
        unlock();
        final String parent = Storage.parentOf(path);
        generation = store().generations().current();
        final List<String> directories = new ArrayList<>(store().generations().toSync(parent, generation));
        // The rename also took a name away, and the two halves are one change.
        directories.addFirst(sourceDirectory);
        durability = store().syncs().enter(worker(), directories);
    }

    private void makeDurable() {
        if (!durability.ended()) {
            tryAgain();
        } else if (durability.failure() != null) {
            end(store().doubt(key, durability.failure()));
        } else {
            if (durability.allThere()) {
                store().generations().learn(Storage.parentOf(path), generation);
            }
            end(new ObjectWritten(etag()));
        }
    }

    @Override
    final AttemptResult failure(final StorageException e) {
        return published ? store().doubt(key, e) : store().failure(e);
    }

    @Override
    final AttemptResult cancellation() {
        return published ? null : Failures.cancelled("the write of " + key);
    }

    @Override
    void release() {
        unlock();
    }
}
