package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;

/** What results of attempts mean to the callers of reads, lists and deletes. */
final class Answers {
    private Answers() {}

    static GetOutcome ofGet(final String key, final AttemptResult result) {
        return switch (result) {
            case AttemptResult.RangeRead read ->
                new GetOutcome.Fetched(
                        read.lengthBytes(), read.objectBytes(), new ObjectVersion(read.etag(), read.stamp()));
            case AttemptResult.RangeBeyondEnd beyond -> new GetOutcome.OutOfRange(beyond.objectBytes());
            case AttemptResult.ConditionFailed changed -> new GetOutcome.VersionChanged(changed.message());
            case AttemptResult.Missing missing -> new NotFound(key);
            default -> throw unfitting("get", result);
        };
    }

    static HeadOutcome ofHead(final String key, final AttemptResult result) {
        return switch (result) {
            case AttemptResult.ObjectFound found ->
                new HeadOutcome.Found(
                        key,
                        found.lengthBytes(),
                        found.lastModifiedEpochMs(),
                        new ObjectVersion(found.etag(), found.stamp()));
            case AttemptResult.Missing missing -> new NotFound(key);
            default -> throw unfitting("head", result);
        };
    }

    static ListOutcome ofList(final AttemptResult result) {
        if (result instanceof AttemptResult.PageListed listed) {
            return listed.page();
        }
        throw unfitting("list", result);
    }

    static DeleteOutcome ofDelete(final AttemptResult result) {
        return switch (result) {
            case AttemptResult.ObjectsDeleted deleted when deleted.refused().isEmpty() -> new DeleteOutcome.Deleted(1);
            case AttemptResult.ObjectsDeleted deleted -> new DeleteOutcome.PartlyDeleted(0, deleted.refused());
            case AttemptResult.Missing missing -> new DeleteOutcome.Deleted(1);
            default -> throw unfitting("delete", result);
        };
    }

    /** A backend that answers something else than what was asked is broken. */
    static IllegalStateException unfitting(final String call, final AttemptResult result) {
        return new IllegalStateException("the backend answered a " + call + " with " + result);
    }
}
