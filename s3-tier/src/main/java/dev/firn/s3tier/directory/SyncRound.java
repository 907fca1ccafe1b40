package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Syncs the directories of some tickets through the ring of one worker, at most {@value #WINDOW} at once. A directory
 * that is gone is left out: its parent is among those to sync, is synced after that was seen, and forgets it for good.
 *
 * <p>Owned by the worker that has begun it.
 */
final class SyncRound {
    /** Directories that are open at once; the worker's ring keeps places for them. */
    static final int WINDOW = 64;

    private final List<SyncRounds.Ticket> tickets;
    private final ArrayDeque<String> toOpen;
    private final Set<String> gone = new HashSet<>();
    private final StorageFile[] files = new StorageFile[WINDOW];
    private final RingFile[] attached = new RingFile[WINDOW];
    private final boolean[] queued = new boolean[WINDOW];
    private final boolean[] completed = new boolean[WINDOW];
    private int open;
    private StorageException failure;

    SyncRound(final Collection<SyncRounds.Ticket> tickets) {
        this.tickets = List.copyOf(tickets);
        // Children before their parents, of which each name is a beginning of theirs.
        final Set<String> directories = new TreeSet<>(Comparator.reverseOrder());
        this.tickets.forEach(ticket -> directories.addAll(ticket.directories()));
        this.toOpen = new ArrayDeque<>(directories);
    }

    List<SyncRounds.Ticket> tickets() {
        return tickets;
    }

    /** Those that were not there. */
    Set<String> gone() {
        return gone;
    }

    /** The first error, or null. */
    StorageException failure() {
        return failure;
    }

    /**
     * Closes what is done, opens and queues as many as there is room for.
     *
     * @return whether it is over.
     */
    boolean advance(final Worker worker) {
        for (int i = 0; i < WINDOW; i++) {
            if (completed[i]) {
                closeSlot(worker, i);
            }
        }
        for (int i = 0; i < WINDOW && failure == null; i++) {
            if (files[i] == null && !openNext(worker, i)) {
                break;
            }
        }
        for (int i = 0; i < WINDOW; i++) {
            if (files[i] != null && !queued[i]) {
                queued[i] = worker.ring().sync(attached[i], worker.syncToken(i), 0);
            }
        }
        return open == 0 && (toOpen.isEmpty() || failure != null);
    }

    private boolean openNext(final Worker worker, final int slot) {
        final Storage storage = worker.store().storage();
        while (!toOpen.isEmpty()) {
            try {
                files[slot] = storage.openDirectory(toOpen.peek());
            } catch (final StorageException e) {
                if (Failures.passes(e) && !worker.store().closing()) {
                    // There are no descriptors: others will give theirs back.
                    return false;
                }
                if (toOpen.peek().isEmpty() || (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR)) {
                    failure = e;
                    return false;
                }
                gone.add(toOpen.remove());
                continue;
            }
            toOpen.remove();
            open++;
            attached[slot] = worker.ring().attach(files[slot]);
            return true;
        }
        return false;
    }

    void onCompletion(final int slot, final int result) {
        if (result < 0 && failure == null) {
            failure = new StorageException("FSYNC", files[slot].name(), -1, -result);
        }
        completed[slot] = true;
    }

    /** Its worker has ended with an error, and its ring is gone: whatever was in flight has no result any more. */
    void abandon() {
        for (int i = 0; i < WINDOW; i++) {
            if (files[i] != null) {
                files[i].close();
            }
        }
        if (failure == null) {
            failure = new StorageException("FSYNC", "", -1, Errno.ECANCELED);
        }
    }

    private void closeSlot(final Worker worker, final int slot) {
        worker.ring().detach(attached[slot]);
        files[slot].close();
        files[slot] = null;
        attached[slot] = null;
        queued[slot] = false;
        completed[slot] = false;
        open--;
    }
}
