package dev.firn.s3tier.store;

/** Hears what became of a call, on the session's thread. */
@FunctionalInterface
public interface OutcomeHandler<T extends StoreOutcome> {
    void onOutcome(T outcome);
}
