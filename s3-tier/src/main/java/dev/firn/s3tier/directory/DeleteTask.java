package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.store.DeleteOutcome.Refused;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes objects, each under its key's lock; then the directories that have become empty, under the tree lock;
 * then makes both durable. An object that is not there counts as removed once its absence is durable.
 */
final class DeleteTask extends Task {
    /** Most keys of a batch that are removed in one turn. */
    private static final int KEYS_A_TURN = 64;

    private final List<String> keys;
    private final List<Refused> refused = new ArrayList<>();
    private final Set<String> parents = new LinkedHashSet<>();
    private AttemptFailed firstFailure;
    private Iterator<String> toTidy;
    private String tidying;
    private SyncRounds.Ticket durability;
    private int next;

    DeleteTask(final Attempt attempt, final List<String> keys) {
        super(attempt);
        this.keys = keys;
    }

    @Override
    void advance() {
        if (next < keys.size() && !removeKeys()) {
            tryAgain();
            return;
        }
        if (!ending() && durability == null && !tidy()) {
            tryAgain();
            return;
        }
        if (!ending()) {
            makeDurable();
        }
    }

    /** @return false when a lock is held by another, or enough was done for one turn. */
    private boolean removeKeys() {
        final AttemptFailed broken = store().broken();
        if (broken != null) {
            end(broken);
            return true;
        }
        if (next == 0 && !store().isThere()) {
            end(Failures.placeGone(store().place()));
            return true;
        }
        for (int i = 0; i < KEYS_A_TURN && next < keys.size(); i++) {
            final String key = keys.get(next);
            final String path = KeyPaths.pathOf(key);
            try (FileLock lock = store().tryLockKey(path)) {
                if (lock == null) {
                    return false;
                }
                remove(path);
                parents.add(Storage.parentOf(path));
            } catch (final StorageException e) {
                final AttemptFailed failure = store().failure(e);
                firstFailure = firstFailure == null ? failure : firstFailure;
                refused.add(new Refused(key, failure.message()));
            }
            next++;
        }
        return next == keys.size();
    }

    private void remove(final String path) {
        final FileStatus status = store().storage().status(path);
        if (status == null || status.kind() == FileKind.DIRECTORY) {
            return;
        }
        try {
            store().storage().delete(path);
        } catch (final StorageException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** @return false when the tree lock is held by another. */
    private boolean tidy() {
        if (toTidy == null) {
            toTidy = List.copyOf(parents).iterator();
        }
        while (tidying != null || toTidy.hasNext()) {
            tidying = tidying == null ? toTidy.next() : tidying;
            if (!removeEmpty(tidying)) {
                return false;
            }
            tidying = null;
        }
        final long generation = store().generations().current();
        final Set<String> directories = new LinkedHashSet<>();
        for (final String parent : parents) {
            directories.addAll(store().generations().toSync(parent, generation));
        }
        durability = store().syncs().enter(worker(), directories);
        return true;
    }

    /** @return false when the tree lock is held by another. */
    private boolean removeEmpty(final String directory) {
        try {
            if (directory.isEmpty() || !EmptyDirectories.isEmpty(store().storage(), directory)) {
                return true;
            }
            try (FileLock lock = store().tryLockTree()) {
                if (lock != null) {
                    EmptyDirectories.removeUpwards(store(), directory);
                }
                return lock != null;
            }
        } catch (final StorageException e) {
            // The objects are gone, and that is what was asked for; an empty directory harms nobody.
            System.getLogger(DeleteTask.class.getName())
                    .log(System.Logger.Level.DEBUG, "{0} is left empty: {1}", directory, e.getMessage());
            return true;
        }
    }

    private void makeDurable() {
        if (!durability.ended()) {
            tryAgain();
        } else if (durability.failure() != null) {
            end(doubt(durability.failure()));
        } else {
            end(keys.size() == 1 && firstFailure != null ? firstFailure : new ObjectsDeleted(refused));
        }
    }

    private AttemptFailed doubt(final StorageException cause) {
        AttemptFailed failure = null;
        for (final String key : keys) {
            failure = store().doubt(key, cause);
        }
        return failure;
    }

    @Override
    AttemptResult failure(final StorageException e) {
        final AttemptFailed failure = store().failure(e);
        return next == 0 ? failure : Failures.of(failure.kind(), Effect.UNKNOWN, failure.retry(), failure.message());
    }

    @Override
    AttemptResult cancellation() {
        return next == 0 ? Failures.cancelled("the delete of " + keys.getFirst()) : null;
    }
}
