package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.StoreLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/** Answers what the test says, when the test says so: from {@link #always}, or attempt by attempt. */
final class ScriptedBackend implements StoreBackend {
    final StoreLimits limits;

    /** Begun and not completed, in order. */
    final Deque<Attempt> pending = new ArrayDeque<>();

    final List<Attempt> begun = new ArrayList<>();
    final List<Attempt> cancelled = new ArrayList<>();

    /** What cancelled attempts are completed with at once; null leaves them to the test. */
    AttemptResult onCancel;

    private Function<AttemptRequest, AttemptResult> script;
    boolean closed;

    ScriptedBackend(final StoreLimits limits) {
        this.limits = limits;
    }

    /** From now on each attempt is answered before begin returns; null leaves it pending. */
    void always(final Function<AttemptRequest, AttemptResult> answers) {
        script = answers;
    }

    /** Completes the attempt that was begun first of those pending. */
    void answer(final AttemptResult result) {
        pending.remove().complete(result);
    }

    AttemptRequest next() {
        return pending.element().request();
    }

    static AttemptFailed failed(final FailureKind kind, final Effect effect, final Retry retry) {
        return new AttemptFailed(kind, effect, retry, 0, kind + " by script", "request-1");
    }

    /** A failure that may pass, and had no effect. */
    static AttemptFailed trouble() {
        return failed(FailureKind.STORE_ERROR, Effect.NONE, Retry.LATER);
    }

    /** A failure that may pass, and may have had an effect. */
    static AttemptFailed lostAnswer() {
        return failed(FailureKind.UNREACHABLE, Effect.UNKNOWN, Retry.LATER);
    }

    static AttemptFailed cancelledWith(final Effect effect) {
        return failed(FailureKind.CANCELLED, effect, Retry.NEVER);
    }

    @Override
    public String describe() {
        return "scripted";
    }

    @Override
    public StoreLimits limits() {
        return limits;
    }

    @Override
    public String addressOf(final String key) {
        return "scripted://" + key;
    }

    @Override
    public void begin(final Attempt attempt) {
        begun.add(attempt);
        final AttemptResult result = script == null ? null : script.apply(attempt.request());
        if (result == null) {
            pending.add(attempt);
        } else {
            attempt.complete(result);
        }
    }

    @Override
    public void cancel(final Attempt attempt) {
        cancelled.add(attempt);
        if (onCancel != null && pending.remove(attempt)) {
            attempt.complete(onCancel);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
