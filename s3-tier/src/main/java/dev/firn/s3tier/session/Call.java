package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreOutcome;

/**
 * What a caller began: has a deadline, begins requests, and finishes once, when none of them is in flight any more. Then it
 * waits in the session's queue until poll answers it.
 */
abstract class Call<T extends StoreOutcome> implements StoreCall {
    final Conductor conductor;
    private final OutcomeHandler<? super T> handler;
    private final Alarm deadline = new Alarm(nowNs -> halt(FailureKind.TIMED_OUT));
    private final long deadlineNs;

    /** Where it stands in the session's table of calls. */
    int index = -1;

    private FailureKind halted;
    private T outcome;
    private boolean answered;

    Call(final Conductor conductor, final long timeoutNs, final OutcomeHandler<? super T> handler) {
        this.conductor = conductor;
        this.deadlineNs = conductor.deadlineNs(timeoutNs);
        this.handler = handler;
    }

    /** Begins the first requests, or finishes. */
    abstract void start();

    /** Stops the requests in flight; the call finishes when they have ended. Called once at most, never when finished. */
    abstract void stop(FailureKind why);

    /** What is done when it has finished, before it is answered. */
    void onFinished(final T what) {}

    final void begin() {
        conductor.alarms().set(deadline, deadlineNs);
        start();
    }

    final long deadlineNs() {
        return deadlineNs;
    }

    /** Why the call is to end, or null: nothing new is begun then. */
    final FailureKind halted() {
        return halted;
    }

    final boolean isFinished() {
        return outcome != null;
    }

    final void halt(final FailureKind why) {
        if (outcome == null && halted == null) {
            halted = why;
            stop(why);
        }
    }

    final void finish(final T what) {
        if (outcome != null) {
            throw new IllegalStateException("a call finishes once: " + outcome + ", then " + what);
        }
        outcome = what;
        conductor.alarms().clear(deadline);
        conductor.finished(this);
        onFinished(what);
    }

    /** The end of a call that was not done: {@link Failed} is among the outcomes of every call. */
    @SuppressWarnings("unchecked")
    final void finish(final Failed failed) {
        finish((T) failed);
    }

    final void finish(final Request request, final AttemptFailed failure) {
        finish(failed(request, failure));
    }

    final Failed failed(final Request request, final AttemptFailed failure) {
        return new Failed(
                failure.kind(),
                Requests.describe(request.what(), conductor.backend()) + ": " + failure.message(),
                failure.requestId(),
                request.attempts());
    }

    /** Calls the handler. */
    final void answer() {
        answered = true;
        if (outcome instanceof Failed || outcome instanceof PutOutcome.Unknown) {
            conductor.counters().callFailed();
        }
        handler.onOutcome(outcome);
    }

    @Override
    public final boolean isAnswered() {
        return answered;
    }

    @Override
    public final void cancel() {
        conductor.checkOwner();
        halt(FailureKind.CANCELLED);
    }
}
