package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.AbortUpload;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.CreateUpload;
import dev.firn.s3tier.backend.AttemptRequest.DeleteBatch;
import dev.firn.s3tier.backend.AttemptRequest.DeleteObject;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptRequest.ListPage;
import dev.firn.s3tier.backend.AttemptRequest.ListUploads;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.backend.AttemptResult.PartWritten;
import dev.firn.s3tier.backend.AttemptResult.RangeBeyondEnd;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.AttemptResult.Upload;
import dev.firn.s3tier.backend.AttemptResult.UploadAborted;
import dev.firn.s3tier.backend.AttemptResult.UploadCreated;
import dev.firn.s3tier.backend.AttemptResult.UploadsListed;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.crt.http.HttpHeader;

/** What a whole answer means for the attempt. Believes nothing that it can check. Thread-safe. */
final class AnswerDecoder {
    /** {@link RangeBeyondEnd} of a store that does not say how long the object is. */
    static final long LENGTH_NOT_TOLD = -1;

    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final Addressing addressing;
    private final ErrorDecoder errors;

    AnswerDecoder(final Addressing addressing, final ErrorDecoder errors) {
        this.addressing = addressing;
        this.errors = errors;
    }

    /** @param checksum what the store was told of the body, or null. */
    AttemptResult decode(final AttemptRequest request, final HttpHeader checksum, final Answer answer) {
        if (request instanceof final GetRange get && answer.status() == RANGE_NOT_SATISFIABLE) {
            return beyondEnd(get, answer);
        }
        if (!answer.isSuccess()) {
            return errors.decode(request, answer.head(), StoreError.of(answer));
        }
        errors.onAccepted();
        try {
            return decodeSuccess(request, checksum, answer);
        } catch (final MalformedAnswerException e) {
            return Failures.unclear(
                    request,
                    FailureKind.STORE_ERROR,
                    "the store's answer cannot be understood: " + e.getMessage(),
                    answer.head().requestId());
        }
    }

    private AttemptResult decodeSuccess(final AttemptRequest request, final HttpHeader checksum, final Answer answer)
            throws MalformedAnswerException {
        return switch (request) {
            case PutObject _ -> written(request, checksum, answer, new ObjectWritten(requireEtag(answer)));
            case UploadPart _ -> written(request, checksum, answer, new PartWritten(requireEtag(answer)));
            case GetRange get -> rangeRead(get, answer);
            case HeadObject _ -> objectFound(answer);
            case ListPage _ -> pageListed(answer);
            case DeleteObject _ -> new ObjectsDeleted(List.of());
            case DeleteBatch _ -> objectsDeleted(request, answer);
            case CreateUpload _ -> uploadCreated(answer);
            case CompleteUpload _ -> completed(request, answer);
            case AbortUpload _ -> new UploadAborted();
            case ListUploads _ -> uploadsListed(answer);
        };
    }

    /** A store that tells which checksum it has found must tell the one that it was given. */
    private static AttemptResult written(
            final AttemptRequest request, final HttpHeader checksum, final Answer answer, final AttemptResult done) {
        final String found = checksum == null ? null : answer.head().header(checksum.getName());
        if (found == null || found.equals(checksum.getValue())) {
            return done;
        }
        return Failures.unclear(
                request,
                FailureKind.CORRUPT,
                "the store holds bytes of checksum " + found + ", sent were those of " + checksum.getValue(),
                answer.head().requestId());
    }

    private static AttemptResult rangeRead(final GetRange get, final Answer answer) throws MalformedAnswerException {
        final AnswerHead head = answer.head();
        final long received = answer.receivedBytes();
        final ContentRange range = answer.status() == 206 ? ContentRange.parse(head.header("Content-Range")) : null;
        final long expected = range == null ? head.contentLength() : range.lengthBytes();
        if (expected >= 0 && received != expected) {
            return Failures.unclear(
                    get,
                    FailureKind.UNREACHABLE,
                    "the body ended after " + received + " of " + expected + " bytes",
                    head.requestId());
        }
        final long objectBytes = range == null ? received : range.totalBytes();
        final String etag = requireEtag(answer);
        if (get.etag() != null && !get.etag().equals(etag)) {
            return new ConditionFailed("the object is of version " + etag + ", not " + get.etag() + " any more");
        }
        if (get.offset() == 0 && received == objectBytes) {
            final MemorySegment object = get.into().asSlice(0, received);
            final String mismatch = BodyChecksums.mismatch(head, object);
            if (mismatch != null) {
                return Failures.unclear(get, FailureKind.CORRUPT, "the object's " + mismatch, head.requestId());
            }
        }
        // A store that sends an empty object whole, where others say 416.
        return get.offset() == 0 && objectBytes == 0
                ? new RangeBeyondEnd(0)
                : new RangeRead(received, objectBytes, etag, stamp(head));
    }

    private AttemptResult beyondEnd(final GetRange get, final Answer answer) {
        final StoreError error = StoreError.of(answer);
        if (!error.code().isEmpty() && !error.code().equals("InvalidRange")) {
            return errors.decode(get, answer.head(), error);
        }
        final ContentRange range = ContentRange.parse(answer.head().header("Content-Range"));
        final long objectBytes = range == null ? LENGTH_NOT_TOLD : range.totalBytes();
        if (objectBytes > get.offset()) {
            return Failures.refused(
                    get,
                    FailureKind.REJECTED,
                    Retry.NEVER,
                    "the store says that the range begins beyond the end of " + objectBytes + " bytes");
        }
        return new RangeBeyondEnd(objectBytes);
    }

    private static AttemptResult objectFound(final Answer answer) throws MalformedAnswerException {
        final AnswerHead head = answer.head();
        if (head.contentLength() < 0) {
            throw new MalformedAnswerException("it does not say how long the object is");
        }
        final String modified = head.header("Last-Modified");
        final long modifiedMs = modified == null ? 0 : epochMs(modified, DateTimeFormatter.RFC_1123_DATE_TIME);
        return new ObjectFound(head.contentLength(), modifiedMs, requireEtag(answer), stamp(head));
    }

    private AttemptResult pageListed(final Answer answer) throws MalformedAnswerException {
        final XmlElement page = XmlElement.parse(answer.text()).requireName("ListBucketResult");
        final boolean encoded = "url".equals(page.childText("EncodingType"));
        final List<ListOutcome.ListedObject> objects = new ArrayList<>();
        final List<String> prefixes = new ArrayList<>();
        for (final XmlElement child : page.children()) {
            if (child.name().equals("Contents")) {
                objects.add(new ListOutcome.ListedObject(
                        key(child.requireText("Key"), encoded),
                        child.requireLength("Size"),
                        epochMs(child.requireText("LastModified"), DateTimeFormatter.ISO_OFFSET_DATE_TIME),
                        requireEtag(child.childText("ETag"))));
            } else if (child.name().equals("CommonPrefixes")) {
                prefixes.add(key(child.requireText("Prefix"), encoded));
            }
        }
        return new PageListed(new ListOutcome.Listed(objects, prefixes, nextToken(page)));
    }

    private static String nextToken(final XmlElement page) throws MalformedAnswerException {
        if (!isTruncated(page)) {
            return null;
        }
        final String token = page.requireText("NextContinuationToken");
        if (token.isEmpty()) {
            throw new MalformedAnswerException("it is truncated, and says not where to go on");
        }
        return token;
    }

    private AttemptResult uploadsListed(final Answer answer) throws MalformedAnswerException {
        final XmlElement page = XmlElement.parse(answer.text()).requireName("ListMultipartUploadsResult");
        final boolean encoded = "url".equals(page.childText("EncodingType"));
        final List<Upload> uploads = new ArrayList<>();
        for (final XmlElement child : page.children()) {
            if (child.name().equals("Upload")) {
                uploads.add(new Upload(
                        key(child.requireText("Key"), encoded),
                        child.requireText("UploadId"),
                        epochMs(child.requireText("Initiated"), DateTimeFormatter.ISO_OFFSET_DATE_TIME)));
            }
        }
        if (!isTruncated(page)) {
            return new UploadsListed(uploads, null);
        }
        final String keyMarker = page.requireText("NextKeyMarker");
        final String idMarker = page.childText("NextUploadIdMarker");
        return new UploadsListed(
                uploads,
                new UploadsToken(
                                encoded ? PercentCoding.decode(keyMarker) : keyMarker, idMarker == null ? "" : idMarker)
                        .encode());
    }

    private AttemptResult objectsDeleted(final AttemptRequest request, final Answer answer)
            throws MalformedAnswerException {
        final XmlElement result = XmlElement.parse(answer.text());
        if (result.name().equals("Error")) {
            return errors.decode(request, answer.head(), StoreError.inSuccess(result));
        }
        result.requireName("DeleteResult");
        final List<DeleteOutcome.Refused> refused = new ArrayList<>();
        for (final XmlElement child : result.children()) {
            if (child.name().equals("Error") && !"NoSuchKey".equals(child.childText("Code"))) {
                refused.add(new DeleteOutcome.Refused(
                        addressing.strip(child.requireText("Key")),
                        child.requireText("Code") + ": " + child.childText("Message")));
            }
        }
        return new ObjectsDeleted(refused);
    }

    private static AttemptResult uploadCreated(final Answer answer) throws MalformedAnswerException {
        final String id = XmlElement.parse(answer.text())
                .requireName("InitiateMultipartUploadResult")
                .requireText("UploadId");
        if (id.isEmpty()) {
            throw new MalformedAnswerException("the upload's name is empty");
        }
        return new UploadCreated(id);
    }

    /** S3 begins to answer 200 before it is done, so that an error may stand in the body. */
    private AttemptResult completed(final AttemptRequest request, final Answer answer) throws MalformedAnswerException {
        final XmlElement result = XmlElement.parse(answer.text());
        if (result.name().equals("Error")) {
            return errors.decode(request, answer.head(), StoreError.inSuccess(result));
        }
        result.requireName("CompleteMultipartUploadResult");
        return new ObjectWritten(requireEtag(result.childText("ETag")));
    }

    private String key(final String text, final boolean encoded) throws MalformedAnswerException {
        return addressing.strip(encoded ? PercentCoding.decode(text) : text);
    }

    private static boolean isTruncated(final XmlElement page) {
        final String truncated = page.childText("IsTruncated");
        return truncated != null && Boolean.parseBoolean(truncated.strip());
    }

    private static String requireEtag(final Answer answer) throws MalformedAnswerException {
        return requireEtag(answer.head().header("ETag"));
    }

    private static String requireEtag(final String etag) throws MalformedAnswerException {
        final String quoted = AnswerHead.quoted(etag);
        if (quoted == null) {
            throw new MalformedAnswerException("it has no ETag");
        }
        return quoted;
    }

    private static WriteStamp stamp(final AnswerHead head) {
        return WriteStamp.decode(head.header(RequestEncoder.STAMP_HEADER));
    }

    private static long epochMs(final String text, final DateTimeFormatter format) throws MalformedAnswerException {
        try {
            return Instant.from(format.parse(text.strip())).toEpochMilli();
        } catch (final DateTimeException | ArithmeticException e) {
            throw new MalformedAnswerException("this is no time: " + text, e);
        }
    }
}
