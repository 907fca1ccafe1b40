package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;

/** What the file system's errors mean to an attempt. Stateless. */
final class Failures {
    private Failures() {}

    static AttemptFailed of(final FailureKind kind, final Effect effect, final Retry retry, final String message) {
        return new AttemptFailed(kind, effect, retry, 0, message, "");
    }

    /** A refusal for good, before anything was changed. */
    static AttemptFailed rejected(final String message) {
        return of(FailureKind.REJECTED, Effect.NONE, Retry.NEVER, message);
    }

    static AttemptFailed cancelled(final String what) {
        return of(FailureKind.CANCELLED, Effect.NONE, Retry.NEVER, what + " was cancelled before it took effect");
    }

    static AttemptFailed overloaded(final String message) {
        return of(FailureKind.OVERLOADED, Effect.NONE, Retry.LATER, message);
    }

    static AttemptFailed corrupt(final String message) {
        return of(FailureKind.CORRUPT, Effect.NONE, Retry.NEVER, message);
    }

    static AttemptFailed placeGone(final String place) {
        return of(
                FailureKind.NO_SUCH_PLACE,
                Effect.NONE,
                Retry.NEVER,
                "the store's directory " + place + " is not there any more, or is another: is the disk mounted?");
    }

    /** What an error of the file system means for an attempt that has had no effect. */
    static AttemptFailed of(final StorageException e, final String place) {
        return switch (e.errno()) {
            case Errno.ENOSPC ->
                of(
                        FailureKind.FULL,
                        Effect.NONE,
                        Retry.NEVER,
                        "the disk under " + place + " is full (" + e.getMessage() + ")");
            case Errno.EDQUOT ->
                of(
                        FailureKind.FULL,
                        Effect.NONE,
                        Retry.NEVER,
                        "the disk quota under " + place + " is used up (" + e.getMessage() + ")");
            case Errno.EROFS ->
                of(
                        FailureKind.DENIED,
                        Effect.NONE,
                        Retry.NEVER,
                        "the file system under " + place
                                + " is mounted read-only, perhaps after an error of its disk: look"
                                + " into the kernel's log, and mount it for writing (" + e.getMessage() + ")");
            case Errno.EACCES, Errno.EPERM ->
                of(
                        FailureKind.DENIED,
                        Effect.NONE,
                        Retry.NEVER,
                        "this process may not do that in " + place
                                + ": let the user that Firn runs as read and write all of" + " it (" + e.getMessage()
                                + ")");
            case Errno.ENAMETOOLONG, Errno.EFBIG -> rejected("the file system refuses it (" + e.getMessage() + ")");
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EAGAIN, Errno.EBUSY -> overloaded(e.getMessage());
            default -> of(FailureKind.STORE_ERROR, Effect.NONE, Retry.NEVER, e.getMessage());
        };
    }

    /** Whether the same call may go through when others have ended. */
    static boolean passes(final StorageException e) {
        return e.errno() == Errno.EMFILE || e.errno() == Errno.ENFILE || e.errno() == Errno.ENOMEM;
    }
}
