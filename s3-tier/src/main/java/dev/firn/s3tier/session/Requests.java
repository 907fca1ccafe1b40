package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What can be said of a request without sending it: its bytes, its name in a message, whether an answer fits it. */
final class Requests {
    private Requests() {}

    /** What it counts for in {@link dev.firn.s3tier.store.StoreLimits#bytesInFlight()}. */
    static long bytes(final AttemptRequest request) {
        return request instanceof AttemptRequest.GetRange get ? get.into().byteSize() : bodyBytes(request);
    }

    static long bodyBytes(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.PutObject put -> lengthOf(put.body());
            case AttemptRequest.UploadPart part -> part.body().byteSize();
            default -> 0;
        };
    }

    static void requireNative(final MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "the buffers of an object store's calls are off-heap memory, not " + segment);
        }
    }

    static long lengthOf(final List<MemorySegment> segments) {
        long bytes = 0;
        for (final MemorySegment segment : segments) {
            bytes += segment.byteSize();
        }
        return bytes;
    }

    /** How a message names it: what was done, and to what. */
    static String describe(final AttemptRequest request, final StoreBackend backend) {
        return switch (request) {
            case AttemptRequest.PutObject put -> "put of " + backend.addressOf(put.key());
            case AttemptRequest.GetRange get ->
                "get of " + backend.addressOf(get.key()) + " from " + get.offset() + " to "
                        + (get.offset() + get.into().byteSize());
            case AttemptRequest.HeadObject head -> "head of " + backend.addressOf(head.key());
            case AttemptRequest.ListPage list ->
                "list of " + (list.prefix().isEmpty() ? "everything" : backend.addressOf(list.prefix()));
            case AttemptRequest.DeleteObject delete -> "delete of " + backend.addressOf(delete.key());
            case AttemptRequest.DeleteBatch batch -> "delete of " + batch.keys().size() + " objects";
            case AttemptRequest.CreateUpload create -> "begin of the upload of " + backend.addressOf(create.key());
            case AttemptRequest.UploadPart part ->
                "part " + part.partNumber() + " of the upload of " + backend.addressOf(part.key());
            case AttemptRequest.CompleteUpload complete ->
                "completion of the upload of " + backend.addressOf(complete.key());
            case AttemptRequest.AbortUpload abort -> "abort of the upload of " + backend.addressOf(abort.key());
            case AttemptRequest.ListUploads list -> "list of the uploads that begin with \"" + list.prefix() + "\"";
        };
    }

    /** The result, or a failure in its place when it cannot be true: a read that says less than the object has there. */
    static AttemptResult checked(final AttemptRequest request, final AttemptResult result) {
        if (request instanceof AttemptRequest.GetRange get && result instanceof AttemptResult.RangeRead read) {
            final long expected = Math.min(get.into().byteSize(), read.objectBytes() - get.offset());
            if (read.lengthBytes() != expected) {
                return new AttemptResult.AttemptFailed(
                        FailureKind.CORRUPT,
                        AttemptResult.Effect.NONE,
                        AttemptResult.Retry.LATER,
                        0,
                        "an object of " + read.objectBytes() + " bytes has " + expected + " of them there, but "
                                + read.lengthBytes() + " came",
                        "");
            }
        }
        return result;
    }
}
