package dev.firn.s3tier.simulation;

import dev.firn.s3tier.backend.AttemptRequest;

/** What a request asks of the simulated store: what an aimed fault names. */
public enum StoreOperation {
    PUT,
    GET,
    HEAD,
    LIST,
    DELETE,
    DELETE_BATCH,
    CREATE_UPLOAD,
    UPLOAD_PART,
    COMPLETE_UPLOAD,
    ABORT_UPLOAD,
    LIST_UPLOADS;

    static StoreOperation of(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.PutObject _ -> PUT;
            case AttemptRequest.GetRange _ -> GET;
            case AttemptRequest.HeadObject _ -> HEAD;
            case AttemptRequest.ListPage _ -> LIST;
            case AttemptRequest.DeleteObject _ -> DELETE;
            case AttemptRequest.DeleteBatch _ -> DELETE_BATCH;
            case AttemptRequest.CreateUpload _ -> CREATE_UPLOAD;
            case AttemptRequest.UploadPart _ -> UPLOAD_PART;
            case AttemptRequest.CompleteUpload _ -> COMPLETE_UPLOAD;
            case AttemptRequest.AbortUpload _ -> ABORT_UPLOAD;
            case AttemptRequest.ListUploads _ -> LIST_UPLOADS;
        };
    }

    /** The key, or the prefix, or the first key of a batch. */
    static String subjectOf(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.PutObject put -> put.key();
            case AttemptRequest.GetRange get -> get.key();
            case AttemptRequest.HeadObject head -> head.key();
            case AttemptRequest.ListPage list -> list.prefix();
            case AttemptRequest.DeleteObject delete -> delete.key();
            case AttemptRequest.DeleteBatch batch ->
                batch.keys().isEmpty() ? "" : batch.keys().getFirst();
            case AttemptRequest.CreateUpload create -> create.key();
            case AttemptRequest.UploadPart part -> part.key();
            case AttemptRequest.CompleteUpload complete -> complete.key();
            case AttemptRequest.AbortUpload abort -> abort.key();
            case AttemptRequest.ListUploads list -> list.prefix();
        };
    }

    /** Whether the request carries a condition that another writer can make fail. */
    static boolean isConditional(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.PutObject put -> !(put.precondition() instanceof AttemptRequest.Precondition.None);
            case AttemptRequest.CompleteUpload complete ->
                !(complete.precondition() instanceof AttemptRequest.Precondition.None);
            default -> false;
        };
    }

    /** Whether it changes what the store holds. */
    public boolean writes() {
        return switch (this) {
            case PUT, DELETE, DELETE_BATCH, CREATE_UPLOAD, UPLOAD_PART, COMPLETE_UPLOAD, ABORT_UPLOAD -> true;
            case GET, HEAD, LIST, LIST_UPLOADS -> false;
        };
    }
}
