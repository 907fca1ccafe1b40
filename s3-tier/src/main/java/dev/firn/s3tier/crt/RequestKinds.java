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

/** What must be known of a request when it fails. */
final class RequestKinds {
    private RequestKinds() {}

    /** Whether it changes anything. */
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
