package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;

/** Makes failures; the session says beside the message which request it was, and of what. */
final class Failures {
    private Failures() {}

    /** Nothing was sent, or the store refused it. */
    static AttemptFailed refused(
            final AttemptRequest request, final FailureKind kind, final Retry retry, final String what) {
        return new AttemptFailed(kind, Effect.NONE, retry, 0, what, "");
    }

    /** A write may have been done all the same; a read changes nothing. */
    static AttemptFailed unclear(
            final AttemptRequest request, final FailureKind kind, final String what, final String requestId) {
        final Effect effect = RequestKinds.isWrite(request) ? Effect.UNKNOWN : Effect.NONE;
        return new AttemptFailed(kind, effect, Retry.LATER, 0, what, requestId);
    }
}
