package dev.firn.s3tier.simulation;

import dev.firn.s3tier.backend.AttemptRequest;
import java.util.Locale;

/**
 * What can go wrong with the simulated store, counted by {@link SimulatedStore#count} each time that it does.
 *
 * <p>The kinds that {@link #isChance()} strike single requests: by chance ({@link StoreFaults}), or aimed
 * ({@link StoreFaultRule}). The others follow from outages, throttling, cancels and crashes.
 */
public enum StoreFault {
    /** The request never arrived; the client sees the connection break, or nothing at all. */
    REQUEST_LOST,
    /** The request took effect; the client sees the connection break, or nothing at all. */
    ANSWER_LOST,
    /** 500, and nothing was done. */
    ERROR_WITHOUT_EFFECT,
    /** 500, and it was done all the same. */
    ERROR_WITH_EFFECT,
    /** 503 SlowDown, and nothing was done. */
    THROTTLED,
    /** 409 ConditionalRequestConflict: nothing was done, the condition may or may not hold. */
    CONFLICT,
    /** 409 at the end of an upload, and the upload is gone: its parts must be sent anew. */
    UPLOAD_FORGOTTEN,
    /** The client has seen the connection break, or nothing at all; the write arrives long after. */
    WRITE_LATE,
    /** The write was delivered twice; the second time later, perhaps after other requests and after its answer. */
    WRITE_DUPLICATED,
    /** A bit of the body flipped on its way; the store refuses it by its checksum. */
    BODY_CORRUPTED,
    /** The answer ended in the middle of its body. */
    READ_CUT,
    /** A bit of the answer flipped on its way; found by its checksum. */
    READ_CORRUPTED,
    /** A page holds fewer entries than asked for though there are more. */
    PAGE_CUT,
    /** A batch left a key alone and said so. */
    DELETE_REFUSED,

    /** A request for a slow key took much longer. */
    SLOW_KEY,
    /** A cancelled request had been sent, and took effect all the same. */
    CANCEL_RACED,
    /** An upload was completed once more, and was told that it is. */
    COMPLETED_AGAIN,
    /** The client's process ended while it sent: nothing of it arrived. */
    CUT_WHILE_SENDING,
    /** An answer found its client's process gone. */
    ANSWER_TO_NOBODY,
    /** The store went away for a while, for all or for one host. */
    OUTAGE,
    /** In an outage: no connection, so nothing was sent. */
    CONNECTION_REFUSED,
    /** The store refused most requests for a while. */
    THROTTLING;

    /** Whether it strikes single requests by chance, or when aimed. */
    public boolean isChance() {
        return ordinal() <= DELETE_REFUSED.ordinal();
    }

    /** Whether it can strike this request. */
    boolean canStrike(final AttemptRequest request) {
        final StoreOperation operation = StoreOperation.of(request);
        return switch (this) {
            case REQUEST_LOST, ANSWER_LOST, ERROR_WITHOUT_EFFECT, THROTTLED -> true;
            case ERROR_WITH_EFFECT, WRITE_LATE, WRITE_DUPLICATED -> operation.writes();
            case CONFLICT -> StoreOperation.isConditional(request);
            case UPLOAD_FORGOTTEN ->
                operation == StoreOperation.COMPLETE_UPLOAD && StoreOperation.isConditional(request);
            case BODY_CORRUPTED -> operation == StoreOperation.PUT || operation == StoreOperation.UPLOAD_PART;
            case READ_CUT, READ_CORRUPTED -> operation == StoreOperation.GET;
            case PAGE_CUT -> operation == StoreOperation.LIST || operation == StoreOperation.LIST_UPLOADS;
            case DELETE_REFUSED -> operation == StoreOperation.DELETE_BATCH;
            case SLOW_KEY,
                    CANCEL_RACED,
                    COMPLETED_AGAIN,
                    CUT_WHILE_SENDING,
                    ANSWER_TO_NOBODY,
                    OUTAGE,
                    CONNECTION_REFUSED,
                    THROTTLING -> false;
        };
    }

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
