package dev.firn.s3tier.check;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.StoreBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Makes attempts on a backend and waits for them: what the store really does, with nothing above it. Belongs to one thread,
 * but for {@link #stop}.
 */
final class Attempts {
    /** How often one request is made when it fails in passing and doing it twice changes nothing. */
    private static final int MAX_TRIES = 5;

    private static final long BACKOFF_BASE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BACKOFF_CAP_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long TURN_MS = 1;
    private static final int TURNS_WITHOUT_REST = 1_000;

    /** How long a backend may take to give an attempt back that it was asked to cancel. */
    private static final long CANCEL_LIMIT_NS = TimeUnit.SECONDS.toNanos(30);

    private final StoreBackend backend;
    private final Clock clock;
    private final RandomGenerator random;
    private final LinkedBlockingQueue<Attempt> completed = new LinkedBlockingQueue<>();
    private long deadlineNs;
    private String deadlineReason = "";
    private volatile boolean stopRequested;
    private boolean stopHeeded = true;
    private long retries;

    Attempts(final StoreBackend backend, final Clock clock, final RandomGenerator random) {
        this.backend = backend;
        this.clock = clock;
        this.random = random;
    }

    /** Nothing is begun after this, and what is on its way is cancelled. */
    void deadline(final long atNs, final String reason) {
        deadlineNs = atNs;
        deadlineReason = reason;
    }

    long remainingNs() {
        return deadlineNs - clock.nanoTime();
    }

    /** From any thread. */
    void stop() {
        stopRequested = true;
    }

    /** From now on {@link #stop} changes nothing any more: for cleaning up. */
    void ignoreStop() {
        stopHeeded = false;
    }

    long retries() {
        return retries;
    }

    /** One attempt, whatever becomes of it. */
    AttemptResult once(final AttemptRequest request) {
        return together(List.of(request)).getFirst();
    }

    /**
     * Makes attempts until one has not failed in passing. A write that may not be done twice, and whose answer is lost, makes
     * the check one that cannot be judged this time.
     */
    AttemptResult settled(final AttemptRequest request) {
        AttemptResult result = once(request);
        for (int attempt = 1; attempt < MAX_TRIES; attempt++) {
            if (!(result instanceof AttemptFailed failed)) {
                return result;
            }
            if (failed.effect() == Effect.UNKNOWN && !mayBeDoneTwice(request)) {
                throw new Unjudged("the answer of a write was lost: " + Words.of(failed));
            }
            if (failed.retry() == Retry.NEVER) {
                return result;
            }
            retries++;
            pause(attempt, failed.retryAfterNs());
            result = once(request);
        }
        return result;
    }

    /** Attempts side by side, one for each request, in the order of the requests. */
    List<AttemptResult> together(final List<? extends AttemptRequest> requests) {
        requireGoingOn();
        final long attemptNs = backend.limits().attemptTimeoutNs();
        final List<Attempt> attempts = new ArrayList<>(requests.size());
        final long giveUpNs = clock.nanoTime() + Math.min(attemptNs, Math.max(1, remainingNs()));
        for (final AttemptRequest request : requests) {
            attempts.add(new Attempt(request, giveUpNs, completed::add));
        }
        attempts.forEach(backend::begin);
        await(attempts, giveUpNs);
        requireGoingOn();
        return attempts.stream().map(Attempt::result).toList();
    }

    private void await(final List<Attempt> attempts, final long giveUpNs) {
        int open = attempts.size();
        int emptyTurns = 0;
        boolean cancelled = false;
        long lastNs = 0;
        while (open > 0) {
            // A backend without threads goes on only in its turns: it gets many before this thread rests.
            emptyTurns = backend.doWork() > 0 ? 0 : emptyTurns + 1;
            open -= emptyTurns < TURNS_WITHOUT_REST ? takeAtOnce() : takeOne();
            final long nowNs = clock.nanoTime();
            if (!cancelled && (nowNs - giveUpNs >= 0 || mustStop())) {
                cancelled = true;
                lastNs = nowNs + CANCEL_LIMIT_NS;
                attempts.stream().filter(attempt -> attempt.result() == null).forEach(backend::cancel);
            } else if (cancelled && open > 0 && nowNs - lastNs >= 0) {
                throw new IllegalStateException(open + " attempts were cancelled, and not given back within "
                        + TimeUnit.NANOSECONDS.toSeconds(CANCEL_LIMIT_NS) + " s by " + backend.describe());
            }
        }
    }

    private int takeAtOnce() {
        return completed.poll() == null ? 0 : 1;
    }

    /** Waits for a completion for one turn; returns how many came. */
    private int takeOne() {
        try {
            return completed.poll(TURN_MS, TimeUnit.MILLISECONDS) == null ? 0 : 1;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            stopRequested = true;
            // The buffers are in use until every attempt is back, so the wait goes on.
            return takeAtOnce();
        }
    }

    private void pause(final int attempt, final long askedNs) {
        final long ceilingNs = Math.min(BACKOFF_CAP_NS, BACKOFF_BASE_NS << attempt);
        final long untilNs = clock.nanoTime() + Math.clamp(askedNs, random.nextLong(ceilingNs) + 1, BACKOFF_CAP_NS);
        while (clock.nanoTime() - untilNs < 0) {
            requireGoingOn();
            if (backend.doWork() == 0) {
                takeOne();
            }
        }
    }

    void requireGoingOn() {
        if (stopHeeded && stopRequested) {
            throw new Stopped("it was stopped");
        }
        if (remainingNs() <= 0) {
            throw new Stopped(deadlineReason);
        }
    }

    private boolean mustStop() {
        return (stopHeeded && stopRequested) || remainingNs() <= 0;
    }

    private static boolean mayBeDoneTwice(final AttemptRequest request) {
        return switch (request) {
            case PutObject put -> put.precondition().equals(Precondition.NONE);
            case CompleteUpload _ -> false;
            // A second upload is a leftover, which the clean-up finds.
            case AttemptRequest.CreateUpload _,
                    AttemptRequest.GetRange _,
                    AttemptRequest.HeadObject _,
                    AttemptRequest.ListPage _,
                    AttemptRequest.DeleteObject _,
                    AttemptRequest.DeleteBatch _,
                    AttemptRequest.UploadPart _,
                    AttemptRequest.AbortUpload _,
                    AttemptRequest.ListUploads _ -> true;
        };
    }
}
