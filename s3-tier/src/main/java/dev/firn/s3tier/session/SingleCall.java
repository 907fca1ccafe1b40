package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.StoreOutcome;

/** A call that is one request: its result is the outcome, in other words. */
final class SingleCall<T extends StoreOutcome> extends Call<T> implements Request.Owner {
    private final AttemptRequest what;
    private final Answer<T> answer;
    private Request request;

    SingleCall(
            final Conductor conductor,
            final AttemptRequest what,
            final long timeoutNs,
            final Answer<T> answer,
            final OutcomeHandler<? super T> handler) {
        super(conductor, timeoutNs, handler);
        this.what = what;
        this.answer = answer;
    }

    /** Turns what is no failure into an outcome. */
    @FunctionalInterface
    interface Answer<T> {
        T of(AttemptResult result);
    }

    @Override
    void start() {
        request = new Request(conductor, what, deadlineNs(), this);
        request.start();
    }

    @Override
    void stop(final FailureKind why) {
        request.stop(why);
    }

    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        if (result instanceof AttemptFailed failure) {
            finish(ended, failure);
        } else {
            finish(answer.of(result));
        }
    }
}
