package dev.firn.server.store;

import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.server.CommandException;

/** What a store's failures are to the user of a command: one sentence, and what to do. */
public final class StoreSentences {
    private StoreSentences() {}

    static CommandException failure(final String what, final Failed failed) {
        return new CommandException(what + ": " + reason(failed) + advice(failed.kind()));
    }

    /** Why it failed: the store's words, its name of the request, and how often it was tried. */
    public static String reason(final Failed failed) {
        return failed.message()
                + (failed.requestId().isEmpty() ? "" : " (request " + failed.requestId() + ")")
                + (failed.attempts() > 1 ? ", tried " + failed.attempts() + " times" : "");
    }

    /** What to do about a failure, where the store's own words do not say it; begins with a semicolon. */
    public static String advice(final FailureKind kind) {
        return switch (kind) {
            case DENIED ->
                "; credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from profile=NAME in the URL";
            case FULL -> "; make room, and try again";
            case THROTTLED, CIRCUIT_OPEN, TIMED_OUT, STORE_ERROR -> "; try again later";
            case NO_SUCH_PLACE, UNREACHABLE, CANCELLED, CORRUPT, REJECTED, OVERLOADED -> "";
        };
    }
}
