package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;

/**
 * One request to the store, with as many attempts as it takes: it waits for room, is sent, given up when an attempt takes too
 * long, pauses, and is sent again. Its owner hears once how it ended; a write's owner may take it up again with
 * {@link #tryAgain}.
 *
 * <p>At most one attempt is in flight at a time, and none when the owner hears of the end: the buffers are free then.
 */
final class Request implements Attempt.Completions {
    /** Who asked for the request, and hears how it ended. */
    interface Owner {
        /** On the session's thread. A failure that the request may have had an effect in spite of says {@link Effect#UNKNOWN}. */
        void onEnded(Request request, AttemptResult result);
    }

    private enum State {
        NEW,
        WAITING,
        IN_FLIGHT,
        PAUSED,
        ENDED
    }

    private final Conductor conductor;
    private final AttemptRequest what;
    private final long bytes;
    private final long deadlineNs;
    private final Owner owner;
    private final Alarm alarm = new Alarm(this::onAlarm);

    /** Links of the {@link WaitingLine}. */
    Request before;

    Request behind;

    private State state = State.NEW;
    private Attempt attempt;
    private boolean probe;
    private boolean takesTooLong;
    private FailureKind stopped;
    private int attempts;
    private boolean effectUnknown;
    private boolean endsWhenEffectIsUnknown;
    private boolean waitsForCircuit;
    private boolean waitsWhenEffectIsUnknown;
    private boolean once;
    private AttemptFailed lastFailure;

    /**
     * @param deadlineNs of the call: whoever owns the request stops it then; here it tells which pauses are in vain.
     */
    Request(final Conductor conductor, final AttemptRequest what, final long deadlineNs, final Owner owner) {
        this.conductor = conductor;
        this.what = what;
        this.bytes = Requests.bytes(what);
        this.deadlineNs = deadlineNs;
        this.owner = owner;
    }

    /** An attempt whose effect is unknown ends the request, although another attempt could be made. */
    Request endingWhenEffectIsUnknown() {
        endsWhenEffectIsUnknown = true;
        return this;
    }

    /** An open circuit is waited for: what the request settles is worth the time. */
    Request waitingForCircuit() {
        waitsForCircuit = true;
        return this;
    }

    /** An open circuit is waited for once an attempt may have had an effect. */
    Request waitingForCircuitWhenEffectIsUnknown() {
        waitsWhenEffectIsUnknown = true;
        return this;
    }

    /** One attempt, and no other. */
    Request once() {
        once = true;
        return this;
    }

    /** Sends it as soon as there is room. */
    void start() {
        state = State.WAITING;
        conductor.enqueue(this);
    }

    /** Sends it after a pause. */
    void startAfter(final long pauseNs) {
        if (pauseNs <= 0) {
            start();
            return;
        }
        state = State.PAUSED;
        conductor.alarms().set(alarm, conductor.nowNs() + pauseNs);
    }

    /**
     * Ends it soon. The owner hears of it at once when no attempt is in flight, later otherwise: with the true result when that
     * comes first.
     */
    void stop(final FailureKind why) {
        if (state == State.ENDED || stopped != null) {
            return;
        }
        stopped = why;
        switch (state) {
            case IN_FLIGHT -> conductor.backend().cancel(attempt);
            case WAITING -> {
                conductor.leaveLine(this);
                end(stoppedFailure(null));
            }
            default -> {
                conductor.alarms().clear(alarm);
                end(stoppedFailure(null));
            }
        }
    }

    /**
     * Makes another attempt of an ended request, after a pause.
     *
     * @return false when limits, budget or deadline do not allow it: nothing happens then.
     */
    boolean tryAgain() {
        if (stopped != null || once || attempts >= conductor.limits().maxAttempts()) {
            return false;
        }
        final long pauseNs = conductor.backoff().pauseNs(Math.max(1, attempts), retryAfterNs());
        final long nowNs = conductor.nowNs();
        if (nowNs + pauseNs - deadlineNs >= 0) {
            return false;
        }
        if (!conductor.budget().take()) {
            conductor.counters().retryDenied();
            return false;
        }
        state = State.PAUSED;
        conductor.alarms().set(alarm, nowNs + pauseNs);
        return true;
    }

    /** Whether an attempt has ended of which nobody can say that it had no effect. */
    boolean effectIsUnknown() {
        return effectUnknown;
    }

    int attempts() {
        return attempts;
    }

    long bytes() {
        return bytes;
    }

    /** Null when none has failed. */
    AttemptFailed lastFailure() {
        return lastFailure;
    }

    AttemptRequest what() {
        return what;
    }

    private long retryAfterNs() {
        return lastFailure == null ? 0 : lastFailure.retryAfterNs();
    }

    /** First in line, and there is room: to be sent now. */
    void send(final long nowNs) {
        final Circuit.Pass pass = conductor.circuit().enter(nowNs);
        if (pass == Circuit.Pass.REFUSED) {
            conductor.giveBackRoom(bytes);
            meetOpenCircuit(nowNs);
            return;
        }
        probe = pass == Circuit.Pass.PROBE;
        takesTooLong = false;
        attempts++;
        state = State.IN_FLIGHT;
        final long timeoutNs = conductor.limits().attemptTimeoutNs();
        final long untilDeadlineNs = deadlineNs - nowNs;
        final long attemptDeadlineNs = nowNs + Math.min(timeoutNs, untilDeadlineNs);
        conductor.counters().attemptBegun(attempts > 1, Requests.bodyBytes(what));
        if (timeoutNs < untilDeadlineNs) {
            conductor.alarms().set(alarm, attemptDeadlineNs);
        }
        attempt = new Attempt(what, attemptDeadlineNs, this);
        conductor.attemptBegun();
        conductor.backend().begin(attempt);
    }

    /** Taken out of the line because the circuit is open. */
    void meetOpenCircuit(final long nowNs) {
        if (waitsForCircuit || (waitsWhenEffectIsUnknown && effectUnknown)) {
            // The jitter spreads those that wait: one of them will be the probe.
            final long pauseNs =
                    conductor.circuit().openForNs(nowNs) + conductor.backoff().pauseNs(1, 0);
            state = State.PAUSED;
            conductor.alarms().set(alarm, nowNs + pauseNs);
            return;
        }
        final String before = lastFailure == null ? "" : "; before: " + lastFailure.message();
        end(failure(
                FailureKind.CIRCUIT_OPEN,
                conductor.limits().circuitFailures() + " requests in a row have failed, nothing is sent for a while"
                        + before));
    }

    /** From any thread. */
    @Override
    public void onCompleted(final Attempt completed) {
        conductor.attemptCompleted(this);
    }

    /** On the session's thread, in poll or close. */
    void complete(final long nowNs) {
        final AttemptResult result = Requests.checked(what, attempt.result());
        attempt = null;
        conductor.alarms().clear(alarm);
        conductor.giveBackRoom(bytes);
        if (result instanceof AttemptFailed failed) {
            fail(whyItFailed(failed), nowNs);
        } else {
            conductor.circuit().succeeded();
            if (result instanceof AttemptResult.RangeRead read) {
                conductor.counters().received(read.lengthBytes());
            }
            if (attempts == 1) {
                conductor.budget().payBack();
            }
            end(result);
        }
    }

    private void fail(final AttemptFailed failed, final long nowNs) {
        lastFailure = failed;
        effectUnknown |= failed.effect() == Effect.UNKNOWN;
        conductor.counters().attemptFailed(stopped == FailureKind.TIMED_OUT ? stopped : failed.kind());
        switch (failed.kind()) {
            case UNREACHABLE, STORE_ERROR, THROTTLED, TIMED_OUT -> {
                if (stopped == null) {
                    conductor.circuit().failed(probe, nowNs);
                } else {
                    conductor.circuit().ended(probe);
                }
            }
            case CANCELLED -> conductor.circuit().ended(probe);
            default -> conductor.circuit().succeeded();
        }
        if (stopped != null) {
            end(failed.retry() == Retry.NEVER && !wasCancelled(failed) ? failed : stoppedFailure(failed));
        } else if (failed.retry() == Retry.NEVER
                || (endsWhenEffectIsUnknown && failed.effect() == Effect.UNKNOWN)
                || !tryAgain()) {
            end(failed);
        }
    }

    /** What was cancelled because it took too long has not been cancelled in the caller's sense: it may be tried again. */
    private AttemptFailed whyItFailed(final AttemptFailed failed) {
        if (!takesTooLong || stopped != null || !wasCancelled(failed)) {
            return failed;
        }
        return new AttemptFailed(
                FailureKind.TIMED_OUT,
                failed.effect(),
                Retry.LATER,
                0,
                "no answer within " + conductor.limits().attemptTimeoutNs() / 1_000_000 + " ms",
                failed.requestId());
    }

    private static boolean wasCancelled(final AttemptFailed failed) {
        return failed.kind() == FailureKind.CANCELLED || failed.kind() == FailureKind.TIMED_OUT;
    }

    private AttemptFailed stoppedFailure(final AttemptFailed failed) {
        final AttemptFailed last = failed == null ? lastFailure : failed;
        final String said = last == null || wasCancelled(last) ? "" : "; the last failure: " + last.message();
        final String message = stopped == FailureKind.TIMED_OUT ? "the deadline passed" : "cancelled";
        return failure(stopped, message + said);
    }

    private AttemptFailed failure(final FailureKind kind, final String message) {
        final String requestId = lastFailure == null ? "" : lastFailure.requestId();
        return new AttemptFailed(
                kind, effectUnknown ? Effect.UNKNOWN : Effect.NONE, Retry.NEVER, 0, message, requestId);
    }

    private void onAlarm(final long nowNs) {
        if (state == State.IN_FLIGHT) {
            takesTooLong = true;
            conductor.backend().cancel(attempt);
        } else {
            start();
        }
    }

    private void end(final AttemptResult result) {
        state = State.ENDED;
        owner.onEnded(this, result);
    }
}
