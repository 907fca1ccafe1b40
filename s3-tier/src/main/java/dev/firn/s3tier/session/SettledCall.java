package dev.firn.s3tier.session;

import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.StoreOutcome;

/** A call whose outcome is known without asking the store. */
final class SettledCall<T extends StoreOutcome> extends Call<T> {
    private final T outcome;

    SettledCall(
            final Conductor conductor, final T outcome, final long timeoutNs, final OutcomeHandler<? super T> handler) {
        super(conductor, timeoutNs, handler);
        this.outcome = outcome;
    }

    @Override
    void start() {
        finish(outcome);
    }

    @Override
    void stop(final FailureKind why) {
        throw new IllegalStateException("a call that is settled has nothing to stop");
    }
}
