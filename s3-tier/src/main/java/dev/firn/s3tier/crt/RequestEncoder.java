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
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.crt.http.HttpHeader;

/** Makes the request of S3's REST API that an attempt stands for. Stateless. */
final class RequestEncoder {
    /** User metadata that {@link WriteStamp} travels in. */
    static final String STAMP_HEADER = "x-amz-meta-firn-writes";

    /** The body is covered by its own checksum, not by the signature, which would cost a pass of SHA-256 over it. */
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private static final String EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final Addressing addressing;
    private final BodyChecksum checksum;

    RequestEncoder(final Addressing addressing, final BodyChecksum checksum) {
        this.addressing = addressing;
        this.checksum = checksum;
    }

    WireRequest encode(final AttemptRequest request) {
        return switch (request) {
            case PutObject put -> encodePut(put);
            case GetRange get -> encodeGet(get);
            case HeadObject head -> bodiless("HEAD", addressing.pathOf(head.key()), headers());
            case ListPage list -> bodiless("GET", addressing.bucketPath() + listQuery(list), headers());
            case DeleteObject delete -> bodiless("DELETE", addressing.pathOf(delete.key()), headers());
            case DeleteBatch batch -> encodeDeleteBatch(batch);
            case CreateUpload create -> encodeCreate(create);
            case UploadPart part -> encodePart(part);
            case CompleteUpload complete -> encodeComplete(complete);
            case AbortUpload abort ->
                bodiless(
                        "DELETE",
                        addressing.pathOf(abort.key()) + "?uploadId=" + PercentCoding.encodeQuery(abort.uploadId()),
                        headers());
            case ListUploads list -> bodiless("GET", addressing.bucketPath() + uploadsQuery(list), headers());
        };
    }

    private WireRequest encodePut(final PutObject put) {
        final List<HttpHeader> headers = headers();
        addPrecondition(headers, put.precondition());
        addStamp(headers, put.stamp());
        return withBody(addressing.pathOf(put.key()), headers, put.body(), put.crc32c());
    }

    private WireRequest encodePart(final UploadPart part) {
        final String query =
                "?partNumber=" + part.partNumber() + "&uploadId=" + PercentCoding.encodeQuery(part.uploadId());
        return withBody(addressing.pathOf(part.key()) + query, headers(), List.of(part.body()), part.crc32c());
    }

    private WireRequest withBody(
            final String path, final List<HttpHeader> headers, final List<MemorySegment> segments, final int crc32c) {
        final SegmentsBody body = new SegmentsBody(segments);
        final HttpHeader check = BodyChecksums.headerFor(checksum, segments, crc32c);
        if (check != null) {
            headers.add(check);
        }
        headers.add(new HttpHeader("Content-Length", Long.toString(body.getLength())));
        headers.add(new HttpHeader("Content-Type", "application/octet-stream"));
        return new WireRequest("PUT", path, headers, body.getLength() == 0 ? null : body, UNSIGNED, check);
    }

    private WireRequest encodeGet(final GetRange get) {
        final List<HttpHeader> headers = headers();
        final long last = get.offset() + get.into().byteSize() - 1;
        headers.add(new HttpHeader("Range", "bytes=" + get.offset() + "-" + last));
        if (get.etag() != null) {
            headers.add(new HttpHeader("If-Match", get.etag()));
        }
        if (get.offset() == 0 && checksum != BodyChecksum.NONE) {
            headers.add(new HttpHeader("x-amz-checksum-mode", "ENABLED"));
        }
        return bodiless("GET", addressing.pathOf(get.key()), headers);
    }

    private WireRequest encodeCreate(final CreateUpload create) {
        final List<HttpHeader> headers = headers();
        addStamp(headers, create.stamp());
        if (checksum == BodyChecksum.CRC32C || checksum == BodyChecksum.CRC64NVME) {
            headers.add(new HttpHeader("x-amz-checksum-algorithm", checksum.name()));
        }
        headers.add(new HttpHeader("Content-Length", "0"));
        headers.add(new HttpHeader("Content-Type", "application/octet-stream"));
        return bodiless("POST", addressing.pathOf(create.key()) + "?uploads", headers);
    }

    private WireRequest encodeComplete(final CompleteUpload complete) {
        final List<HttpHeader> headers = headers();
        addPrecondition(headers, complete.precondition());
        final byte[] xml = RequestXml.completeUpload(complete.parts(), checksum == BodyChecksum.CRC32C);
        return withXml(
                addressing.pathOf(complete.key()) + "?uploadId=" + PercentCoding.encodeQuery(complete.uploadId()),
                headers,
                xml);
    }

    private WireRequest encodeDeleteBatch(final DeleteBatch batch) {
        final List<String> keys = new ArrayList<>(batch.keys().size());
        for (final String key : batch.keys()) {
            keys.add(addressing.prefix() + key);
        }
        final byte[] xml = RequestXml.delete(keys);
        final List<HttpHeader> headers = headers();
        // Some checksum is demanded here, and this is the one that every store knows.
        headers.add(new HttpHeader(BodyChecksums.MD5_HEADER, BodyChecksums.md5(List.of(MemorySegment.ofArray(xml)))));
        return withXml(addressing.bucketPath() + "?delete", headers, xml);
    }

    private static WireRequest withXml(final String path, final List<HttpHeader> headers, final byte[] xml) {
        headers.add(new HttpHeader("Content-Length", Integer.toString(xml.length)));
        headers.add(new HttpHeader("Content-Type", "application/xml"));
        return new WireRequest("POST", path, headers, SegmentsBody.of(xml), BodyChecksums.sha256Hex(xml), null);
    }

    private static WireRequest bodiless(final String method, final String path, final List<HttpHeader> headers) {
        return new WireRequest(method, path, headers, null, EMPTY_SHA256, null);
    }

    private String listQuery(final ListPage list) {
        final StringBuilder query = new StringBuilder("?list-type=2&encoding-type=url&max-keys=")
                .append(list.maxKeys())
                .append("&prefix=")
                .append(PercentCoding.encodeQuery(addressing.prefix() + list.prefix()));
        if (!list.delimiter().isEmpty()) {
            query.append("&delimiter=").append(PercentCoding.encodeQuery(list.delimiter()));
        }
        if (list.token() != null) {
            query.append("&continuation-token=").append(PercentCoding.encodeQuery(list.token()));
        }
        return query.toString();
    }

    private String uploadsQuery(final ListUploads list) {
        final StringBuilder query = new StringBuilder("?uploads&encoding-type=url&max-uploads=")
                .append(list.maxUploads())
                .append("&prefix=")
                .append(PercentCoding.encodeQuery(addressing.prefix() + list.prefix()));
        if (list.token() != null) {
            final UploadsToken token = UploadsToken.decode(list.token());
            query.append("&key-marker=")
                    .append(PercentCoding.encodeQuery(token.keyMarker()))
                    .append("&upload-id-marker=")
                    .append(PercentCoding.encodeQuery(token.uploadIdMarker()));
        }
        return query.toString();
    }

    private List<HttpHeader> headers() {
        final List<HttpHeader> headers = new ArrayList<>(8);
        headers.add(new HttpHeader("Host", addressing.hostHeader()));
        headers.add(new HttpHeader("User-Agent", "firn"));
        return headers;
    }

    private static void addPrecondition(final List<HttpHeader> headers, final Precondition precondition) {
        switch (precondition) {
            case Precondition.None _ -> {}
            case Precondition.Absent _ -> headers.add(new HttpHeader("If-None-Match", "*"));
            case Precondition.Matches matches -> headers.add(new HttpHeader("If-Match", matches.etag()));
        }
    }

    private static void addStamp(final List<HttpHeader> headers, final WriteStamp stamp) {
        if (!stamp.equals(WriteStamp.NONE)) {
            headers.add(new HttpHeader(STAMP_HEADER, stamp.encoded()));
        }
    }
}
