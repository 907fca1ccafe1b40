package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.StorageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Makes changes of directories durable, for all workers of the process: in rounds, of which one runs at a time. A
 * round syncs every directory that somebody waits for, each once; what is changed while it runs waits for the next
 * one.
 *
 * <p><b>Why one at a time.</b> A sync that fails takes with it whatever it was to cover, whoever has made that change,
 * and no later sync brings it back or tells of it. Half a rename is enough: one of its directories may have been
 * synced, and a sync of another task that fails then in the same directory still takes the whole of it. So a change
 * can be called durable only when no sync that covers it can have failed unseen, and that is plain when syncs do not
 * overlap: every sync that began after the change and before its round was over belongs to that round or to the one
 * before it, and the results of both are known. A round that fails in any of its syncs has failed for all who wait,
 * for it or for the next one, and there is no next one.
 *
 * <p>It also costs least: one commit of the file system's journal is for everybody who came while the last one ran.
 *
 * <p>Thread-safe. A round belongs to the worker that has begun it, until that worker ends it.
 */
final class SyncRounds {
    /** What one task waits for. Everything but {@link #ended} is to be asked only when it has ended. */
    static final class Ticket {
        private final Worker worker;
        private final List<String> directories;
        private boolean allThere;
        private StorageException failure;
        private volatile boolean ended;

        private Ticket(final Worker worker, final Collection<String> directories) {
            this.worker = worker;
            this.directories = List.copyOf(directories);
        }

        List<String> directories() {
            return directories;
        }

        boolean ended() {
            return ended;
        }

        /** Why nobody knows whether the changes are durable; null when they are. */
        StorageException failure() {
            return failure;
        }

        /** Whether none of the directories was gone. */
        boolean allThere() {
            return allThere;
        }

        private void end(final boolean nothingGone, final StorageException cause) {
            allThere = nothingGone;
            failure = cause;
            ended = true;
            worker.wake();
        }
    }

    private final List<Ticket> waiting = new ArrayList<>();
    private boolean running;
    private volatile boolean due;
    private volatile StorageException failure;

    /** What has ended all syncing, and with it all writing; null while all is well. */
    StorageException failure() {
        return failure;
    }

    /**
     * Asks for changes that have been made in these directories.
     *
     * @param worker whose task waits.
     */
    synchronized Ticket enter(final Worker worker, final Collection<String> directories) {
        final Ticket ticket = new Ticket(worker, directories);
        if (failure == null) {
            waiting.add(ticket);
            due = !running;
        } else {
            ticket.end(false, failure);
        }
        return ticket;
    }

    /** Null when nobody waits, or another worker has a round that runs; cheap then. */
    SyncRound begin() {
        return due ? beginDue() : null;
    }

    private synchronized SyncRound beginDue() {
        if (running || waiting.isEmpty()) {
            return null;
        }
        final SyncRound round = new SyncRound(waiting);
        waiting.clear();
        running = true;
        due = false;
        return round;
    }

    /** All its syncs are over. */
    synchronized void end(final SyncRound round) {
        running = false;
        if (round.failure() != null) {
            fail(round.failure());
        }
        final Set<String> gone = round.gone();
        for (final Ticket ticket : round.tickets()) {
            ticket.end(ticket.directories().stream().noneMatch(gone::contains), round.failure());
        }
        due = !waiting.isEmpty();
        if (due) {
            // Somebody has to begin the next round, and they may all be asleep.
            waiting.getFirst().worker.wake();
        }
    }

    /** What is durable is unknown from now on: whoever waits for the next round has failed, and so has who still comes. */
    synchronized void fail(final StorageException cause) {
        if (failure == null) {
            failure = cause;
        }
        for (final Ticket ticket : waiting) {
            ticket.end(false, failure);
        }
        waiting.clear();
        due = false;
    }
}
