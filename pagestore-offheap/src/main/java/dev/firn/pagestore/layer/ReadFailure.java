package dev.firn.pagestore.layer;

import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;

/** What to say of a read of an object that brought not what was asked for. */
public final class ReadFailure {
    private ReadFailure() {}

    public static String describe(final GetOutcome why) {
        return switch (why) {
            case GetOutcome.Fetched fetched -> "the object is shorter than it was: " + fetched.objectBytes() + " bytes";
            case GetOutcome.OutOfRange outOfRange -> "the object has only " + outOfRange.objectBytes() + " bytes";
            case GetOutcome.VersionChanged changed -> changed.reason();
            case NotFound notFound -> "the object is gone";
            case Failed failed -> failed.message();
        };
    }
}
