package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreCounters;
import dev.firn.s3tier.store.StoreLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Moves the calls of one session: sends what waits for room, takes in what backends have completed, rings alarms, and answers.
 * Belongs to the thread that opened the session, but for {@link #attemptCompleted}.
 */
final class Conductor {
    /** How long the session's end waits for uploads to be aborted in the store. */
    private static final long MOST_FAREWELL_NS = 2_000_000_000L;

    /** So many idle turns without the clock moving: it is a simulated one that stands still while the session closes. */
    private static final int MOST_TURNS_OUT_OF_TIME = 100;

    /** Answers while it closes, for each call that it may have: chains of calls are shorter, and end at the first that is refused. */
    private static final int MOST_FAREWELL_ANSWERS_A_CALL = 16;

    /** A longer time-out is as good as none: about 73 years. */
    private static final long LONGEST_TIMEOUT_NS = Long.MAX_VALUE / 4;

    private final Thread owner = Thread.currentThread();
    private final SessionStore store;
    private final StoreLimits limits;
    private final Alarms alarms = new Alarms();
    private final WaitingLine waiting = new WaitingLine();
    private final Governor.Share share = new Governor.Share();

    /** Never full: no more attempts are in flight than the governor lets, and each stands in it once. */
    private final ManyToOneConcurrentArrayQueue<Request> completed;

    private final Queue<Call<?>> finished = new ArrayDeque<>();

    /** The calls accepted and not answered, in no order; each knows its index. */
    private final List<Call<?>> accepted = new ArrayList<>();

    /** Uploads that the store holds something of. */
    private final List<Upload> uploads = new ArrayList<>();

    private int overloaded;
    private int inFlight;
    private boolean sending;
    private boolean polling;
    private boolean closed;

    /** While the last answers are given. */
    private boolean farewell;

    /** The request that was refused room, and the governor's count then: asking again before it changes is in vain. */
    private Request refused;

    private int refusedAt;

    Conductor(final SessionStore store) {
        this.store = store;
        this.limits = store.limits();
        this.completed = new ManyToOneConcurrentArrayQueue<>(Math.max(2, limits.requestsInFlight()));
    }

    // ---- what calls and requests stand on

    long nowNs() {
        return store.clock().nanoTime();
    }

    long deadlineNs(final long timeoutNs) {
        return nowNs() + Math.min(timeoutNs, LONGEST_TIMEOUT_NS);
    }

    StoreBackend backend() {
        return store.backend();
    }

    String addressOf(final String key) {
        return store.addressOf(key);
    }

    StoreLimits limits() {
        return limits;
    }

    StoreCounters counters() {
        return store.counters();
    }

    Alarms alarms() {
        return alarms;
    }

    Backoff backoff() {
        return store.backoff();
    }

    RetryBudget budget() {
        return store.budget();
    }

    Circuit circuit() {
        return store.circuit();
    }

    RangeMemory rangeMemory() {
        return store.rangeMemory();
    }

    void checkOwner() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("this session of an object store belongs to thread " + owner.getName()
                    + " and was used by " + Thread.currentThread().getName());
        }
    }

    void checkUsable() {
        checkOwner();
        if (closed && !farewell) {
            throw new IllegalStateException("the session of the object store is closed");
        }
    }

    // ---- calls

    int room() {
        return closed ? 0 : Math.max(0, limits.queuedCalls() - accepted.size());
    }

    int unanswered() {
        return accepted.size() + overloaded;
    }

    /** Takes a call: begins it, or finishes it at once when there are too many. */
    StoreCall begin(final Call<?> call) {
        store.counters().callBegun();
        if (closed) {
            overloaded++;
            call.finish(new Failed(FailureKind.CANCELLED, "the session of the object store is being closed", "", 0));
        } else if (accepted.size() < limits.queuedCalls()) {
            call.index = accepted.size();
            accepted.add(call);
            call.begin();
        } else {
            overloaded++;
            call.finish(new Failed(
                    FailureKind.OVERLOADED,
                    "the session has " + limits.queuedCalls() + " calls that are not answered yet, its limit",
                    "",
                    0));
        }
        return call;
    }

    /** Before a call is made: those refused wait for their answer too, and must not pile up. */
    void requireRoomToRefuse() {
        if (overloaded >= limits.queuedCalls()) {
            throw new IllegalStateException(
                    "twice " + limits.queuedCalls() + " calls were begun and not answered: the session must be polled");
        }
    }

    void finished(final Call<?> call) {
        finished.add(call);
    }

    /** Before an upload is made: those that are neither completed nor aborted must not pile up. */
    void requireRoomForUpload() {
        if (uploads.size() >= limits.queuedCalls()) {
            throw new IllegalStateException("the session has " + uploads.size()
                    + " uploads that were begun and neither completed nor aborted, its limit");
        }
    }

    void uploadBegun(final Upload upload) {
        upload.index = uploads.size();
        uploads.add(upload);
    }

    void uploadEnded(final Upload upload) {
        if (upload.index < 0) {
            return;
        }
        final Upload last = uploads.removeLast();
        if (last != upload) {
            uploads.set(upload.index, last);
            last.index = upload.index;
        }
        upload.index = -1;
    }

    // ---- requests

    void enqueue(final Request request) {
        waiting.add(request);
        sendWaiting(nowNs());
    }

    void leaveLine(final Request request) {
        waiting.remove(request);
        if (waiting.isEmpty()) {
            refused = null;
            store.governor().leave(share);
        }
    }

    /** Sends from the line as long as there is room; returns how many left it. */
    int sendWaiting(final long nowNs) {
        if (sending) {
            return 0;
        }
        int left = 0;
        sending = true;
        try {
            while (!waiting.isEmpty()) {
                final Request first = waiting.first();
                if (store.circuit().refuses(nowNs)) {
                    leaveLine(first);
                    first.meetOpenCircuit(nowNs);
                } else if (takeRoom(first)) {
                    waiting.remove(first);
                    first.send(nowNs);
                } else {
                    break;
                }
                left++;
            }
        } finally {
            sending = false;
        }
        return left;
    }

    private boolean takeRoom(final Request first) {
        final Governor governor = store.governor();
        final int givenBack = governor.givenBack();
        if (first == refused && givenBack == refusedAt) {
            return false;
        }
        if (governor.tryTake(share, first.bytes())) {
            refused = null;
            return true;
        }
        refused = first;
        refusedAt = givenBack;
        return false;
    }

    void giveBackRoom(final long bytes) {
        store.governor().giveBack(share, bytes);
    }

    void attemptBegun() {
        inFlight++;
    }

    /** From any thread. */
    void attemptCompleted(final Request request) {
        if (!completed.offer(request)) {
            throw new IllegalStateException("more attempts were completed than may be in flight");
        }
    }

    // ---- turns

    int poll(final int limit) {
        checkUsable();
        if (polling) {
            throw new IllegalStateException("poll was called by a handler that poll had called");
        }
        polling = true;
        try {
            return turn() + answer(limit);
        } finally {
            polling = false;
        }
    }

    private int turn() {
        int work = store.backend().doWork();
        if (inFlight == 0 && unanswered() == 0) {
            // Nothing can be due, and who polls with each turn of its own need not pay for a look at the clock.
            return work;
        }
        final long nowNs = nowNs();
        work += takeCompleted(nowNs);
        work += alarms.ring(nowNs);
        work += sendWaiting(nowNs);
        return work;
    }

    private int takeCompleted(final long nowNs) {
        int taken = 0;
        for (Request request = completed.poll(); request != null; request = completed.poll()) {
            inFlight--;
            request.complete(nowNs);
            taken++;
        }
        return taken;
    }

    /** Calls handlers. One that throws ends the turn; its call counts as answered, the others are answered later. */
    private int answer(final int limit) {
        int answered = 0;
        while (answered < limit && !finished.isEmpty()) {
            final Call<?> call = finished.remove();
            forget(call);
            answered++;
            call.answer();
        }
        return answered;
    }

    private void forget(final Call<?> call) {
        if (call.index < 0) {
            overloaded--;
            return;
        }
        final Call<?> last = accepted.removeLast();
        if (last != call) {
            accepted.set(call.index, last);
            last.index = call.index;
        }
    }

    // ---- the end

    void close() {
        checkOwner();
        if (closed) {
            return;
        }
        if (polling) {
            throw new IllegalStateException("a session can't be closed by a handler that its poll has called");
        }
        closed = true;
        for (final Call<?> call : List.copyOf(accepted)) {
            call.halt(FailureKind.CANCELLED);
        }
        final IdleStrategy idle = new BackoffIdleStrategy();
        while (inFlight > 0 || !waiting.isEmpty()) {
            idle.idle(turn());
        }
        abortUploads(idle);
        store.governor().leave(share);
        store.sessionClosed();
        answerAll();
    }

    private void abortUploads(final IdleStrategy idle) {
        final long endNs = nowNs() + MOST_FAREWELL_NS;
        final List<Request> aborts = new ArrayList<>();
        for (final Upload upload : uploads) {
            if (upload.isLeftOver()) {
                final Request abort = new Request(this, upload.abortRequest(), endNs, (request, result) -> {}).once();
                aborts.add(abort);
                abort.start();
            }
        }
        long lastNs = nowNs();
        int turnsOutOfTime = 0;
        while ((inFlight > 0 || !waiting.isEmpty()) && turnsOutOfTime < MOST_TURNS_OUT_OF_TIME) {
            final int work = turn();
            idle.idle(work);
            final long nowNs = nowNs();
            if (nowNs - endNs >= 0) {
                break;
            }
            turnsOutOfTime = work > 0 || nowNs != lastNs ? 0 : turnsOutOfTime + 1;
            lastNs = nowNs;
        }
        aborts.forEach(abort -> abort.stop(FailureKind.CANCELLED));
        while (inFlight > 0) {
            idle.idle(turn());
        }
    }

    /**
     * All handlers are called, also when some throw: the first exception leaves, with the others. They go on to their next calls as
     * ever: those are refused, and answered in the same way.
     */
    private void answerAll() {
        RuntimeException thrown = null;
        int left = MOST_FAREWELL_ANSWERS_A_CALL * limits.queuedCalls();
        farewell = true;
        polling = true;
        while (!finished.isEmpty()) {
            farewell &= --left > 0;
            try {
                answer(1);
            } catch (final RuntimeException e) {
                if (thrown == null) {
                    thrown = e;
                } else {
                    thrown.addSuppressed(e);
                }
            }
        }
        farewell = false;
        polling = false;
        if (thrown != null) {
            throw thrown;
        }
    }
}
