package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest.UploadPart;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.PartWritten;
import java.util.List;

/** Writes a part into its upload's file. It is synced with all others when the upload is completed. */
final class PartTask extends Task {
    private final UploadPart request;
    private OpenUpload upload;
    private Transfer transfer;

    PartTask(final Attempt attempt, final UploadPart request) {
        super(attempt);
        this.request = request;
    }

    @Override
    void advance() {
        if (upload == null && !begin()) {
            return;
        }
        operationsQueued(transfer.queue(worker(), this, upload.attached()));
        if (transfer.ended()) {
            end(written());
        } else if (transfer.wantsRoom()) {
            tryAgain();
        }
    }

    private boolean begin() {
        final AttemptFailed broken = store().broken();
        if (broken != null) {
            end(broken);
            return false;
        }
        final OpenUpload found = worker().uploads().find(request.uploadId(), request.key());
        if (found == null) {
            end(worker().uploads().missing(request.uploadId()));
            return false;
        }
        upload = found;
        upload.join();
        transfer = new Transfer(true, List.of(request.body()), request.offset(), store().config());
        return true;
    }

    private AttemptResult written() {
        if (transfer.errno() != 0) {
            throw new StorageException("WRITE", request.key(), request.offset(), transfer.errno());
        }
        final int crc = Crc32c.compute(request.body());
        if (crc != request.crc32c()) {
            return Failures.corrupt("the bytes of part " + request.partNumber() + " of " + request.key()
                    + " do not have the checksum that came with them: they were changed on their way, or while they were"
                    + " written");
        }
        final String etag = "\"" + Integer.toHexString(crc) + "-" + request.partNumber() + "\"";
        upload.written(
                request.partNumber(),
                new OpenUpload.Written(etag, request.offset(), request.body().byteSize(), crc));
        return new PartWritten(etag);
    }

    @Override
    void onOperation(final int operation, final int result) {
        transfer.onCompletion(operation, result);
    }

    @Override
    AttemptResult failure(final StorageException e) {
        return store().failure(e);
    }

    @Override
    AttemptResult cancellation() {
        return Failures.cancelled("part " + request.partNumber() + " of " + request.key());
    }

    @Override
    void release() {
        if (upload != null) {
            worker().uploads().leave(upload);
        }
    }
}
