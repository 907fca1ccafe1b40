package dev.firn.s3tier.backend;

import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a backend is asked to do, once. Segments are borrowed until the attempt is completed. */
public sealed interface AttemptRequest {
    /**
     * Write a whole object.
     *
     * @param crc32c of the whole body: what the store must have received.
     */
    record PutObject(String key, List<MemorySegment> body, int crc32c, Precondition precondition, WriteStamp stamp)
            implements AttemptRequest {}

    /** Read {@code into.byteSize()} bytes from {@code offset}; {@code etag} is the version expected, or null. */
    record GetRange(String key, long offset, MemorySegment into, String etag) implements AttemptRequest {}

    record HeadObject(String key) implements AttemptRequest {}

    record ListPage(String prefix, String delimiter, String token, int maxKeys) implements AttemptRequest {}

    record DeleteObject(String key) implements AttemptRequest {}

    /** At most {@link #MAX_DELETE_BATCH} keys. */
    record DeleteBatch(List<String> keys) implements AttemptRequest {}

    /** Begin an upload; the stamp becomes that of the object. */
    record CreateUpload(String key, WriteStamp stamp) implements AttemptRequest {}

    /**
     * @param partNumber from 1.
     * @param offset where the part begins in the object.
     */
    record UploadPart(String key, String uploadId, int partNumber, long offset, MemorySegment body, int crc32c)
            implements AttemptRequest {}

    /**
     * @param parts in order.
     * @param stamp the one that the upload was created with.
     */
    record CompleteUpload(String key, String uploadId, List<Part> parts, Precondition precondition, WriteStamp stamp)
            implements AttemptRequest {}

    record AbortUpload(String key, String uploadId) implements AttemptRequest {}

    record ListUploads(String prefix, String token, int maxUploads) implements AttemptRequest {}

    int MAX_DELETE_BATCH = 1_000;

    /** A part that has arrived. */
    record Part(int partNumber, String etag, long lengthBytes, int crc32c) {}

    /** When a write may take effect, as it goes over the wire. */
    sealed interface Precondition {
        Precondition NONE = new None();
        Precondition ABSENT = new Absent();

        record None() implements Precondition {}

        record Absent() implements Precondition {}

        record Matches(String etag) implements Precondition {}
    }
}
