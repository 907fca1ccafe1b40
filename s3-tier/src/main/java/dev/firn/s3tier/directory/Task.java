package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptResult;
import java.util.Objects;

/**
 * One attempt on its worker: a small state machine that never waits. It gets a turn when it is new, when an
 * operation of its has completed, and in every duty cycle while it wants one (for a lock that others hold, or for
 * room in the ring).
 *
 * <p>It ends when its result is known and none of its operations is in flight: only then are the buffers free.
 *
 * <p>Owned by the worker's thread, but for {@link #cancel()}.
 */
abstract class Task {
    private final Attempt attempt;
    private Worker worker;
    private int slot;
    private int operationsInFlight;
    private boolean wantsTurn = true;
    private AttemptResult ending;
    private volatile boolean cancelled;

    Task(final Attempt attempt) {
        this.attempt = attempt;
    }

    /** Goes on as far as it can; ends with {@link #end}. */
    abstract void advance();

    /** An operation has completed; what follows from it is done in {@link #advance}. */
    void onOperation(final int operation, final int result) {
        throw new IllegalStateException(this + " has begun no operation, and one has completed: " + operation);
    }

    /** What an error of the file system makes of the attempt. */
    abstract AttemptResult failure(StorageException e);

    /** What to answer when it is cancelled now; null when it can no longer be stopped. */
    abstract AttemptResult cancellation();

    /** Gives back what it holds: called once, with nothing in flight. */
    void release() {}

    final Attempt attempt() {
        return attempt;
    }

    final Worker worker() {
        return worker;
    }

    final Store store() {
        return worker.store();
    }

    final int slot() {
        return slot;
    }

    final void begin(final Worker owner, final int ownSlot) {
        worker = owner;
        slot = ownSlot;
    }

    /** By any thread. */
    final void cancel() {
        cancelled = true;
    }

    final boolean cancelled() {
        return cancelled;
    }

    final boolean wantsTurn() {
        return wantsTurn;
    }

    /** Asks for a turn in the next duty cycle. */
    final void tryAgain() {
        wantsTurn = true;
    }

    final void operationQueued(final boolean accepted) {
        if (accepted) {
            operationsInFlight++;
        } else {
            wantsTurn = true;
        }
    }

    final void operationsQueued(final int count) {
        operationsInFlight += count;
    }

    final int operationsInFlight() {
        return operationsInFlight;
    }

    final void operationCompleted(final int operation, final int result) {
        operationsInFlight--;
        wantsTurn = true;
        onOperation(operation, result);
    }

    final void end(final AttemptResult result) {
        if (ending == null) {
            ending = Objects.requireNonNull(result);
        }
    }

    final boolean ending() {
        return ending != null;
    }

    /** @return its result when it has ended. */
    final AttemptResult turn() {
        wantsTurn = false;
        if (ending == null && cancelled) {
            final AttemptResult stopped = cancellation();
            if (stopped != null) {
                end(stopped);
            }
        }
        if (ending == null) {
            try {
                advance();
            } catch (final StorageException e) {
                end(failure(e));
            }
        }
        if (ending == null || operationsInFlight > 0) {
            return null;
        }
        release();
        return ending;
    }

    @Override
    public final String toString() {
        return attempt.request().getClass().getSimpleName();
    }
}
