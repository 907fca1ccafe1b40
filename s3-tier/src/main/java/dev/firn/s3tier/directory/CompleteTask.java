package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptResult;

/** Makes an upload's file the object: cut to its length, synced with the object's attribute, then published. */
final class CompleteTask extends PublishTask {
    private final CompleteUpload request;
    private OpenUpload upload;
    private ObjectAttribute attribute;
    private boolean syncQueued;
    private boolean synced;
    private int syncErrno;

    CompleteTask(final Attempt attempt, final CompleteUpload request) {
        super(attempt, request.key(), request.precondition());
        this.request = request;
    }

    @Override
    void advance() {
        if (upload == null) {
            begin();
        }
        if (!ending() && !synced) {
            sync();
        }
        if (!ending() && synced) {
            publish();
        }
    }

    private void begin() {
        final OpenUpload found = worker().uploads().find(request.uploadId(), request.key());
        if (found == null) {
            end(worker().uploads().missing(request.uploadId()));
            return;
        }
        if (!found.unused()) {
            end(Failures.rejected("upload " + request.uploadId() + " of " + request.key()
                    + " is completed while a part of it is written"));
            return;
        }
        upload = found;
        upload.join();
        final String mismatch = upload.mismatch(request.parts());
        if (mismatch != null) {
            end(Failures.rejected("upload " + request.uploadId() + " of " + request.key() + ": " + mismatch));
            return;
        }
        checkEarly();
        if (!ending()) {
            prepare();
        }
    }

    private void prepare() {
        long length = 0;
        int crc = 0;
        for (final Part part : request.parts()) {
            crc = Crc32c.combine(crc, part.crc32c(), part.lengthBytes());
            length += part.lengthBytes();
        }
        if (upload.file().lengthBytes() > length) {
            upload.file().truncate(length);
        }
        attribute = worker().newVersion(crc, length, request.stamp());
        upload.file().setAttribute(StoreLayout.ATTRIBUTE, attribute.encode());
    }

    private void sync() {
        if (!syncQueued) {
            syncQueued = worker().ring().sync(upload.attached(), worker().token(this, PutTask.SYNC_OPERATION), 0);
            operationQueued(syncQueued);
        } else if (operationsInFlight() == 0) {
            if (syncErrno != 0) {
                // What of the parts is on the disk is unknown: they are written anew, or not at all.
                worker().uploads().abandon(upload);
                throw new StorageException("FSYNC", key(), -1, syncErrno);
            }
            synced = true;
        }
    }

    @Override
    void onOperation(final int operation, final int result) {
        syncErrno = Math.max(0, -result);
    }

    @Override
    String source() {
        return StoreLayout.uploadPath(request.uploadId());
    }

    @Override
    String etag() {
        return attribute.etag();
    }

    @Override
    AttemptResult sourceGone() {
        worker().uploads().forget(upload);
        return worker().uploads().missing(request.uploadId());
    }

    @Override
    void onPublished() {
        worker().uploads().forget(upload);
    }

    @Override
    void release() {
        super.release();
        if (upload != null) {
            worker().uploads().leave(upload);
        }
    }
}
