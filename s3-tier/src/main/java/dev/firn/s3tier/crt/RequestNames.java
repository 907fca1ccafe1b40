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

/** How messages call a request, and whether it changes anything. */
final class RequestNames {
    private RequestNames() {}

    static String nameOf(final AttemptRequest request) {
        return switch (request) {
            case PutObject put -> "put of " + put.key();
            case GetRange get -> "get of " + get.key() + " from " + get.offset();
            case HeadObject head -> "head of " + head.key();
            case ListPage list -> "list of " + (list.prefix().isEmpty() ? "everything" : list.prefix());
            case DeleteObject delete -> "delete of " + delete.key();
            case DeleteBatch batch -> "delete of " + batch.keys().size() + " objects";
            case CreateUpload create -> "begin of the upload of " + create.key();
            case UploadPart part -> "part " + part.partNumber() + " of the upload of " + part.key();
            case CompleteUpload complete -> "completion of the upload of " + complete.key();
            case AbortUpload abort -> "abort of the upload of " + abort.key();
            case ListUploads list -> "list of uploads of " + (list.prefix().isEmpty() ? "everything" : list.prefix());
        };
    }

    static boolean isWrite(final AttemptRequest request) {
        return switch (request) {
            case GetRange _, HeadObject _, ListPage _, ListUploads _ -> false;
            case PutObject _,
                    DeleteObject _,
                    DeleteBatch _,
                    CreateUpload _,
                    UploadPart _,
                    CompleteUpload _,
                    AbortUpload _ -> true;
        };
    }
}
