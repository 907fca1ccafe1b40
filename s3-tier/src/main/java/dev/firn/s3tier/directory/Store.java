package dev.firn.s3tier.directory;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the workers of one process share: where the store is, what is known of its directories, and whether its disk
 * can be trusted.
 *
 * <p><b>A directory whose sync has failed ends all writing</b> until the store is opened again: what is durable is
 * unknown, and on Linux a later sync says nothing about what the failed one was to cover. The keys whose writes
 * were caught in it are not shown as written either ({@link #doubt}): whoever asks whether its write won gets no
 * answer, because there is none.
 *
 * <p>Thread-safe.
 */
final class Store {
    /** Keys that may be in doubt one by one; beyond, all are. */
    static final int MAX_DOUBTS = 4_096;

    private final Storage storage;
    private final String place;
    private final DirectoryConfig config;
    private final Clock clock;
    private final StoreFormat format;
    private final ProcessFolder folder;
    private final DirectoryGenerations generations;
    private final Set<String> doubts = ConcurrentHashMap.newKeySet();
    private final SyncRounds syncs = new SyncRounds();
    private volatile boolean closing;

    /** @param place the directory, for messages. */
    Store(
            final Storage storage,
            final String place,
            final DirectoryConfig config,
            final Clock clock,
            final StoreFormat format,
            final ProcessFolder folder,
            final DirectoryGenerations generations) {
        this.storage = storage;
        this.place = place;
        this.config = config;
        this.clock = clock;
        this.format = format;
        this.folder = folder;
        this.generations = generations;
    }

    Storage storage() {
        return storage;
    }

    String place() {
        return place;
    }

    DirectoryConfig config() {
        return config;
    }

    Clock clock() {
        return clock;
    }

    StoreFormat format() {
        return format;
    }

    ProcessFolder folder() {
        return folder;
    }

    DirectoryGenerations generations() {
        return generations;
    }

    /** By which changes of directories are made durable. */
    SyncRounds syncs() {
        return syncs;
    }

    /** From here on nothing is waited for that only others can give. */
    void beginClose() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }

    /** Null when another holds it. */
    FileLock tryLockKey(final String path) {
        return storage.tryLock(StoreLayout.keyLock(path));
    }

    /** Null when another holds it. */
    FileLock tryLockTree() {
        return storage.tryLock(StoreLayout.TREE_LOCK);
    }

    /** Whether the directory is still the store that was opened, as far as can be told. */
    boolean isThere() {
        return storage.exists(StoreLayout.FORMAT);
    }

    /** What an error means to an attempt that has had no effect. */
    AttemptFailed failure(final StorageException e) {
        return isThere() ? Failures.of(e, place) : Failures.placeGone(place);
    }

    /** What a write is refused with since a directory's sync has failed; null while all is well. */
    AttemptFailed broken() {
        final StorageException cause = syncs.failure();
        return cause == null
                ? null
                : Failures.of(
                        FailureKind.STORE_ERROR,
                        Effect.NONE,
                        Retry.NEVER,
                        "nothing is written to " + place + " since a sync of its file system failed ("
                                + cause.getMessage()
                                + "): what is durable is unknown; look after the disk, then restart");
    }

    /** A write of this key is visible, and may be taken back by a loss of power. */
    AttemptFailed doubt(final String key, final StorageException cause) {
        syncs.fail(cause);
        if (doubts.size() < MAX_DOUBTS) {
            doubts.add(key);
        }
        return Failures.of(
                FailureKind.STORE_ERROR,
                Effect.UNKNOWN,
                Retry.NEVER,
                "the object is in its place in " + place + ", but a loss of power may take it back: "
                        + cause.getMessage());
    }

    /** What a read of this key is refused with when nobody knows which version of it is durable; else null. */
    AttemptFailed doubtful(final String key) {
        final StorageException cause = syncs.failure();
        if (cause == null || (doubts.size() < MAX_DOUBTS && !doubts.contains(key))) {
            return null;
        }
        return Failures.of(
                FailureKind.STORE_ERROR,
                Effect.NONE,
                Retry.NEVER,
                "which version of the object is durable is unknown since a sync of its directory failed ("
                        + cause.getMessage() + "): look after the disk, then restart");
    }
}
