package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.util.ArrayDeque;
import java.util.Collection;

/**
 * Makes the entries of some directories durable through the ring, at most {@value #WINDOW} at once. A directory
 * that is gone is left out: its parent is among those to sync, and forgets it for good.
 *
 * <p>Owned by its task; its operations are numbered from {@link #FIRST_OPERATION}.
 */
final class DirectorySyncs {
    static final int FIRST_OPERATION = DirectoryConfig.MAX_TRANSFERS;

    /** Longest chain of directories that is opened before the first of them is synced. */
    static final int WINDOW = 16;

    private final ArrayDeque<String> toOpen;
    private final StorageFile[] files = new StorageFile[WINDOW];
    private final RingFile[] attached = new RingFile[WINDOW];
    private final boolean[] queued = new boolean[WINDOW];
    private final boolean[] completed = new boolean[WINDOW];
    private int open;
    private boolean starved;
    private boolean skipped;
    private boolean windows;
    private StorageException failure;

    /** @param directories children before their parents. */
    DirectorySyncs(final Collection<String> directories) {
        this.toOpen = new ArrayDeque<>(directories);
        this.windows = directories.size() > WINDOW;
    }

    /** Whether it waits for descriptors or places in the ring that others hold. */
    boolean starved() {
        return starved;
    }

    boolean ended() {
        return open == 0 && (toOpen.isEmpty() || failure != null);
    }

    /** The first error, or null. */
    StorageException failure() {
        return failure;
    }

    /** Whether all directories were there, and open at one instant before the first was synced. */
    boolean coveredChain() {
        return !skipped && !windows && failure == null;
    }

    /**
     * Closes what is done, opens and queues as many as there is room for.
     *
     * @return whether something is left for which there was no room; ask again.
     */
    boolean queue(final Worker worker, final Task task) {
        boolean noRoom = false;
        for (int i = 0; i < WINDOW; i++) {
            if (completed[i]) {
                closeSlot(worker, i);
            }
        }
        for (int i = 0; i < WINDOW && failure == null; i++) {
            if (files[i] == null && !openNext(worker, i)) {
                noRoom |= !toOpen.isEmpty() && failure == null;
                break;
            }
        }
        for (int i = 0; i < WINDOW; i++) {
            if (files[i] != null && !queued[i]) {
                queued[i] = worker.ring().sync(attached[i], worker.token(task, FIRST_OPERATION + i), 0);
                noRoom |= !queued[i];
                task.operationQueued(queued[i]);
            }
        }
        return noRoom;
    }

    private boolean openNext(final Worker worker, final int slot) {
        final Storage storage = worker.store().storage();
        starved = !worker.mayAttach();
        while (!toOpen.isEmpty() && !starved) {
            try {
                files[slot] = storage.openDirectory(toOpen.peek());
                toOpen.remove();
                open++;
                attached[slot] = worker.attach(files[slot]);
                return true;
            } catch (final StorageException e) {
                if (Failures.passes(e)) {
                    starved = true;
                    return false;
                }
                if (toOpen.peek().isEmpty() || (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR)) {
                    failure = e;
                    return false;
                }
                toOpen.remove();
                skipped = true;
            }
        }
        return false;
    }

    void onCompletion(final int operation, final int result) {
        final int slot = operation - FIRST_OPERATION;
        if (result < 0 && failure == null) {
            failure = new StorageException("FSYNC", files[slot].name(), -1, -result);
        }
        completed[slot] = true;
    }

    /** Closes what is open still: the task ends early, with nothing in flight. */
    void close(final Worker worker) {
        for (int i = 0; i < WINDOW; i++) {
            if (files[i] != null) {
                closeSlot(worker, i);
            }
        }
    }

    private void closeSlot(final Worker worker, final int slot) {
        if (attached[slot] != null) {
            worker.detach(attached[slot]);
        }
        files[slot].close();
        files[slot] = null;
        attached[slot] = null;
        queued[slot] = false;
        completed[slot] = false;
        open--;
    }
}
