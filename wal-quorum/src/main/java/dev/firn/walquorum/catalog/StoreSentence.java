package dev.firn.walquorum.catalog;

import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.PutOutcome;

/** What did not work in the object store, in one sentence. */
public final class StoreSentence {
    private StoreSentence() {}

    /** @param what could not be done: {@code "cannot read timelines/main/timeline.json"}. */
    public static String of(final String what, final Failed failed) {
        return what + ": " + failed.message()
                + (failed.requestId().isEmpty() ? "" : " (request " + failed.requestId() + ")")
                + (failed.attempts() > 1 ? ", tried " + failed.attempts() + " times" : "");
    }

    /** Of a write that did not certainly succeed. */
    public static String of(final String key, final PutOutcome outcome) {
        return switch (outcome) {
            case PutOutcome.Stored _ -> key + " was written";
            case PutOutcome.PreconditionFailed refused -> key + " is there already: " + refused.reason();
            case PutOutcome.Unknown unknown -> of("nobody can say whether " + key + " was written", unknown.cause());
            case Failed failed -> of("cannot write " + key, failed);
        };
    }
}
