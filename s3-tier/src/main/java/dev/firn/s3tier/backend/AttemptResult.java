package dev.firn.s3tier.backend;

import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.WriteStamp;
import java.util.List;

/** What became of an attempt. */
public sealed interface AttemptResult {
    /** A whole object, or a completed upload, is durable. */
    record ObjectWritten(String etag) implements AttemptResult {}

    record UploadCreated(String uploadId) implements AttemptResult {}

    record PartWritten(String etag) implements AttemptResult {}

    /** @param lengthBytes how many bytes stand in the buffer; fewer than it holds only at the object's end. */
    record RangeRead(long lengthBytes, long objectBytes, String etag, WriteStamp stamp) implements AttemptResult {}

    /** The range begins at or beyond the end. */
    record RangeBeyondEnd(long objectBytes) implements AttemptResult {}

    record ObjectFound(long lengthBytes, long lastModifiedEpochMs, String etag, WriteStamp stamp)
            implements AttemptResult {}

    record PageListed(ListOutcome.Listed page) implements AttemptResult {}

    /** The keys of a delete are gone, but for these. */
    record ObjectsDeleted(List<DeleteOutcome.Refused> refused) implements AttemptResult {}

    record UploadAborted() implements AttemptResult {}

    /** @param nextToken null when this was the last page. */
    record UploadsListed(List<Upload> uploads, String nextToken) implements AttemptResult {}

    record Upload(String key, String uploadId, long startedEpochMs) {}

    /** There is no such object (get, head), or no such upload. */
    record Missing(String message) implements AttemptResult {}

    /** The precondition did not hold; nothing was changed. Also a conditional replace of an object that is not there. */
    record ConditionFailed(String message) implements AttemptResult {}

    /**
     * Not done.
     *
     * @param effect whether a write may have been done all the same.
     * @param retry whether the same attempt could succeed later.
     * @param retryAfterNs how long the store asks to wait; 0 when it does not say.
     * @param requestId empty when there is none.
     */
    record AttemptFailed(
            FailureKind kind, Effect effect, Retry retry, long retryAfterNs, String message, String requestId)
            implements AttemptResult {}

    /** Whether a failed write may have been done all the same. */
    enum Effect {
        /** It was not sent, or was refused: nothing is changed, and nothing will be. */
        NONE,
        /** The answer is missing or says nothing: it may have been done, or still be. */
        UNKNOWN
    }

    /** Whether the same attempt could succeed later. */
    enum Retry {
        LATER,
        NEVER
    }
}
