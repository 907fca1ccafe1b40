package dev.firn.s3tier.simulation;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.FailureKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** The store's state, and what each request does to it: at once, as a whole, in the order of the calls of {@link #apply}. */
final class ObjectServer {
    static final int MAX_PARTS = 10_000;

    /** So many completed uploads are remembered, to answer those who complete them once more. */
    static final int REMEMBERED_UPLOADS = 1_000;

    private final long minPartBytes;
    private final NavigableMap<String, StoredObject> objects = new TreeMap<>(KeyOrder.INSTANCE);

    /** By key, then by id: a NUL, which no key holds, between the two. */
    private final NavigableMap<String, ServerUpload> uploads = new TreeMap<>(KeyOrder.INSTANCE);

    private final Map<String, String> completed = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<String, String> eldest) {
            return size() > REMEMBERED_UPLOADS;
        }
    };

    private long uploadsBegun;

    ObjectServer(final long minPartBytes) {
        this.minPartBytes = minPartBytes;
    }

    NavigableMap<String, StoredObject> objects() {
        return objects;
    }

    NavigableMap<String, ServerUpload> uploads() {
        return uploads;
    }

    /** Whether this upload was completed, and the server knows. */
    boolean remembers(final String uploadId) {
        return completed.containsKey(uploadId);
    }

    void forgetCompleted(final String uploadId) {
        completed.remove(uploadId);
    }

    void forgetUpload(final String key, final String uploadId) {
        uploads.remove(uploadName(key, uploadId));
    }

    /**
     * @param body what arrived, for the requests that carry one.
     * @param pageLimit most entries on a page, beside what the request says.
     * @param refused keys that a batch leaves alone.
     */
    ServerAnswer apply(
            final AttemptRequest request,
            final byte[] body,
            final long epochMs,
            final int pageLimit,
            final Set<String> refused) {
        return switch (request) {
            case AttemptRequest.PutObject put -> ServerAnswer.of(put(put, body, epochMs));
            case AttemptRequest.GetRange get -> get(get);
            case AttemptRequest.HeadObject head -> ServerAnswer.of(head(head.key()));
            case AttemptRequest.ListPage list ->
                ServerAnswer.of(orBadToken(Listing.page(objects, list, Math.min(pageLimit, list.maxKeys()))));
            case AttemptRequest.DeleteObject delete -> {
                objects.remove(delete.key());
                yield ServerAnswer.of(new AttemptResult.ObjectsDeleted(List.of()));
            }
            case AttemptRequest.DeleteBatch batch -> ServerAnswer.of(deleteBatch(batch.keys(), refused));
            case AttemptRequest.CreateUpload create -> ServerAnswer.of(createUpload(create, epochMs));
            case AttemptRequest.UploadPart part -> ServerAnswer.of(uploadPart(part, body));
            case AttemptRequest.CompleteUpload complete -> ServerAnswer.of(completeUpload(complete, epochMs));
            case AttemptRequest.AbortUpload abort ->
                ServerAnswer.of(
                        uploads.remove(uploadName(abort.key(), abort.uploadId())) == null
                                ? noSuchUpload(abort.uploadId())
                                : new AttemptResult.UploadAborted());
            case AttemptRequest.ListUploads list ->
                ServerAnswer.of(orBadToken(Listing.uploads(uploads, list, Math.min(pageLimit, list.maxUploads()))));
        };
    }

    private AttemptResult put(final AttemptRequest.PutObject request, final byte[] body, final long epochMs) {
        if (Crc32c.compute(body, 0, body.length) != request.crc32c()) {
            return badDigest(request.key());
        }
        final AttemptResult.ConditionFailed failed = unlessHolds(request.key(), request.precondition());
        if (failed != null) {
            return failed;
        }
        final String etag = Content.etagOf(body);
        objects.put(request.key(), new StoredObject(new Content(List.of(body)), etag, request.stamp(), epochMs));
        return new AttemptResult.ObjectWritten(etag);
    }

    private ServerAnswer get(final AttemptRequest.GetRange request) {
        final StoredObject object = objects.get(request.key());
        if (object == null) {
            return ServerAnswer.of(new AttemptResult.Missing("NoSuchKey: " + request.key()));
        }
        if (request.etag() != null && !request.etag().equals(object.etag())) {
            return ServerAnswer.of(new AttemptResult.ConditionFailed(
                    "412 PreconditionFailed: " + request.key() + " is of the version " + object.etag()));
        }
        final long objectBytes = object.content().lengthBytes();
        if (request.offset() >= objectBytes) {
            return ServerAnswer.of(new AttemptResult.RangeBeyondEnd(objectBytes));
        }
        final long count = Math.min(request.into().byteSize(), objectBytes - request.offset());
        return new ServerAnswer(
                new AttemptResult.RangeRead(count, objectBytes, object.etag(), object.stamp()),
                object.content(),
                request.offset(),
                count);
    }

    private AttemptResult head(final String key) {
        final StoredObject object = objects.get(key);
        return object == null
                ? new AttemptResult.Missing("NoSuchKey: " + key)
                : new AttemptResult.ObjectFound(
                        object.content().lengthBytes(), object.lastModifiedEpochMs(), object.etag(), object.stamp());
    }

    private AttemptResult deleteBatch(final List<String> keys, final Set<String> refused) {
        if (keys.size() > AttemptRequest.MAX_DELETE_BATCH) {
            return rejected("MalformedXML: a batch of " + keys.size() + " keys");
        }
        final List<DeleteOutcome.Refused> left = new ArrayList<>();
        for (final String key : keys) {
            if (refused.contains(key)) {
                left.add(new DeleteOutcome.Refused(key, "InternalError: we encountered an internal error"));
            } else {
                objects.remove(key);
            }
        }
        return new AttemptResult.ObjectsDeleted(left);
    }

    private AttemptResult createUpload(final AttemptRequest.CreateUpload request, final long epochMs) {
        final String id = "upload-" + ++uploadsBegun;
        uploads.put(uploadName(request.key(), id), new ServerUpload(request.key(), id, request.stamp(), epochMs));
        return new AttemptResult.UploadCreated(id);
    }

    private AttemptResult uploadPart(final AttemptRequest.UploadPart request, final byte[] body) {
        final ServerUpload upload = uploads.get(uploadName(request.key(), request.uploadId()));
        if (upload == null) {
            return noSuchUpload(request.uploadId());
        }
        if (request.partNumber() < 1 || request.partNumber() > MAX_PARTS) {
            return rejected("InvalidArgument: part number " + request.partNumber());
        }
        return Crc32c.compute(body, 0, body.length) == request.crc32c()
                ? new AttemptResult.PartWritten(upload.put(request.partNumber(), body))
                : badDigest(request.key());
    }

    private AttemptResult completeUpload(final AttemptRequest.CompleteUpload request, final long epochMs) {
        final ServerUpload upload = uploads.get(uploadName(request.key(), request.uploadId()));
        if (upload == null) {
            final String etag = completed.get(request.uploadId());
            return etag == null ? noSuchUpload(request.uploadId()) : new AttemptResult.ObjectWritten(etag);
        }
        final String refusal = upload.refusalOf(request.parts(), minPartBytes);
        if (refusal != null) {
            return rejected(refusal);
        }
        final AttemptResult.ConditionFailed failed = unlessHolds(request.key(), request.precondition());
        if (failed != null) {
            return failed;
        }
        final String etag = Content.etagOfParts(
                request.parts().stream().map(AttemptRequest.Part::etag).toList());
        objects.put(request.key(), new StoredObject(upload.contentOf(request.parts()), etag, upload.stamp(), epochMs));
        uploads.remove(uploadName(request.key(), request.uploadId()));
        completed.put(request.uploadId(), etag);
        return new AttemptResult.ObjectWritten(etag);
    }

    /** Null when the condition holds. */
    private AttemptResult.ConditionFailed unlessHolds(final String key, final Precondition precondition) {
        final StoredObject object = objects.get(key);
        return switch (precondition) {
            case Precondition.None _ -> null;
            case Precondition.Absent _ ->
                object == null
                        ? null
                        : new AttemptResult.ConditionFailed("412 PreconditionFailed: there is an object " + key);
            case Precondition.Matches matches -> {
                if (object == null) {
                    yield new AttemptResult.ConditionFailed("404 NoSuchKey: " + key);
                }
                yield object.etag().equals(matches.etag())
                        ? null
                        : new AttemptResult.ConditionFailed(
                                "412 PreconditionFailed: " + key + " is of the version " + object.etag());
            }
        };
    }

    static String uploadName(final String key, final String id) {
        return key + '\0' + id;
    }

    private static AttemptResult noSuchUpload(final String id) {
        return new AttemptResult.Missing("404 NoSuchUpload: " + id);
    }

    private static AttemptResult badDigest(final String key) {
        return new AttemptFailed(
                FailureKind.CORRUPT,
                Effect.NONE,
                Retry.LATER,
                0,
                "400 BadDigest: the body of " + key + " does not agree with its CRC32C",
                "");
    }

    private static AttemptResult rejected(final String message) {
        return new AttemptFailed(FailureKind.REJECTED, Effect.NONE, Retry.NEVER, 0, "400 " + message, "");
    }

    private static AttemptResult orBadToken(final AttemptResult page) {
        return page == null ? rejected("InvalidArgument: the continuation token is not one of this store's") : page;
    }
}
