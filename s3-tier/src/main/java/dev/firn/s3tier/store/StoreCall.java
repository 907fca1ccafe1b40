package dev.firn.s3tier.store;

/** A call that has been begun. Belongs to the session's thread. */
public interface StoreCall {
    boolean isAnswered();

    /**
     * Asks to stop. The handler is called all the same: with {@link FailureKind#CANCELLED}, or with the true outcome when that
     * came first; a write that can no longer be stopped is answered {@link PutOutcome.Unknown}.
     */
    void cancel();
}
