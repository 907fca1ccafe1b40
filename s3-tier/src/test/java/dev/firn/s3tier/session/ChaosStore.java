package dev.firn.s3tier.session;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.WriteStamp;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a store holds, and the truth about what was ever done to it: each request that arrives is applied at once and whole, as
 * S3 documents it. Remembers every change, so that a test can hold outcomes against it.
 */
final class ChaosStore {
    /** Something that happened to a key; {@code write} is null for a delete. */
    record Change(long sequence, String key, String write, String replacedEtag) {}

    record StoredObject(String etag, byte[] bytes, WriteStamp stamp) {}

    private record Upload(String key, WriteStamp stamp, Map<Integer, byte[]> parts) {}

    private final Map<String, StoredObject> objects = new TreeMap<>();
    private final Map<String, Upload> uploads = new HashMap<>();
    private final Map<String, String> uploadNames = new HashMap<>();
    private final Map<String, byte[]> contents = new HashMap<>();
    final List<Change> changes = new ArrayList<>();
    private long sequence;
    private int uploadsBegun;

    long sequence() {
        return sequence;
    }

    int openUploads() {
        return uploads.size();
    }

    String nameOfUpload(final String uploadId) {
        return uploadNames.get(uploadId);
    }

    StoredObject object(final String key) {
        return objects.get(key);
    }

    /** What an etag stands for: equal etags mean equal bytes. */
    byte[] contentOf(final String etag) {
        return contents.get(etag);
    }

    List<Change> changesBy(final String write) {
        return changes.stream().filter(change -> write.equals(change.write())).toList();
    }

    /** @param body of a put or part, as it was when it was sent. */
    AttemptResult apply(final AttemptRequest request, final byte[] body) {
        sequence++;
        return switch (request) {
            case AttemptRequest.PutObject put -> {
                checkSum(body, put.crc32c());
                yield write(put.key(), body, put.precondition(), put.stamp(), "");
            }
            case AttemptRequest.GetRange get -> read(get);
            case AttemptRequest.HeadObject head -> {
                final StoredObject object = objects.get(head.key());
                yield object == null
                        ? new AttemptResult.Missing("no object")
                        : new AttemptResult.ObjectFound(object.bytes().length, 0, object.etag(), object.stamp());
            }
            case AttemptRequest.ListPage list ->
                new AttemptResult.PageListed(new ListOutcome.Listed(List.of(), List.of(), null));
            case AttemptRequest.DeleteObject delete -> {
                delete(delete.key());
                yield new AttemptResult.ObjectsDeleted(List.of());
            }
            case AttemptRequest.DeleteBatch batch -> {
                batch.keys().forEach(this::delete);
                yield new AttemptResult.ObjectsDeleted(List.of());
            }
            case AttemptRequest.CreateUpload create -> {
                final String id = "upload-" + uploadsBegun++;
                uploadNames.put(id, create.stamp().writes().getFirst());
                uploads.put(id, new Upload(create.key(), create.stamp(), new TreeMap<>()));
                yield new AttemptResult.UploadCreated(id);
            }
            case AttemptRequest.UploadPart part -> {
                checkSum(body, part.crc32c());
                final Upload upload = uploads.get(part.uploadId());
                if (upload == null) {
                    yield new AttemptResult.Missing("no upload");
                }
                upload.parts().put(part.partNumber(), body);
                yield new AttemptResult.PartWritten("\"part\"");
            }
            case AttemptRequest.CompleteUpload complete -> complete(complete);
            case AttemptRequest.AbortUpload abort ->
                uploads.remove(abort.uploadId()) == null
                        ? new AttemptResult.Missing("no upload")
                        : new AttemptResult.UploadAborted();
            case AttemptRequest.ListUploads list -> new AttemptResult.UploadsListed(List.of(), null);
        };
    }

    private AttemptResult complete(final AttemptRequest.CompleteUpload complete) {
        final Upload upload = uploads.get(complete.uploadId());
        if (upload == null) {
            return new AttemptResult.Missing("no upload");
        }
        final ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (final AttemptRequest.Part part : complete.parts()) {
            whole.writeBytes(upload.parts().get(part.partNumber()));
        }
        final AttemptResult result = write(
                complete.key(),
                whole.toByteArray(),
                complete.precondition(),
                upload.stamp(),
                "-" + complete.parts().size());
        if (result instanceof AttemptResult.ObjectWritten) {
            uploads.remove(complete.uploadId());
        }
        return result;
    }

    private AttemptResult write(
            final String key,
            final byte[] bytes,
            final Precondition precondition,
            final WriteStamp stamp,
            final String etagSuffix) {
        final StoredObject there = objects.get(key);
        final boolean holds = switch (precondition) {
            case Precondition.None none -> true;
            case Precondition.Absent absent -> there == null;
            case Precondition.Matches matches -> there != null && there.etag().equals(matches.etag());
        };
        if (!holds) {
            return new AttemptResult.ConditionFailed(
                    "there is " + (there == null ? "nothing" : there.etag()) + " under " + key);
        }
        // As S3's: a hash of the content, which the test makes different for each write.
        final String etag = "\"" + stamp.writes().getFirst() + etagSuffix + "\"";
        objects.put(key, new StoredObject(etag, bytes, stamp));
        contents.put(etag, bytes);
        changes.add(new Change(sequence, key, stamp.writes().getFirst(), there == null ? null : there.etag()));
        return new AttemptResult.ObjectWritten(etag);
    }

    private AttemptResult read(final AttemptRequest.GetRange get) {
        final StoredObject object = objects.get(get.key());
        if (object == null) {
            return new AttemptResult.Missing("no object");
        }
        if (get.etag() != null && !get.etag().equals(object.etag())) {
            return new AttemptResult.ConditionFailed("there is " + object.etag());
        }
        if (get.offset() >= object.bytes().length) {
            return new AttemptResult.RangeBeyondEnd(object.bytes().length);
        }
        final long length = Math.min(get.into().byteSize(), object.bytes().length - get.offset());
        return new AttemptResult.RangeRead(length, object.bytes().length, object.etag(), object.stamp());
    }

    private void delete(final String key) {
        final StoredObject there = objects.remove(key);
        if (there != null) {
            changes.add(new Change(sequence, key, null, there.etag()));
        }
    }

    private static void checkSum(final byte[] body, final int crc32c) {
        if (Crc32c.compute(body, 0, body.length) != crc32c) {
            throw new AssertionError("a body that does not agree with its checksum was sent");
        }
    }
}
