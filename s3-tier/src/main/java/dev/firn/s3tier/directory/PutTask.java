package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest.PutObject;
import dev.firn.s3tier.backend.AttemptResult;
import java.lang.foreign.MemorySegment;

/** Writes a whole object: into a file of its own, synced with its attribute, then published. */
final class PutTask extends PublishTask {
    static final int SYNC_OPERATION = DirectoryConfig.MAX_TRANSFERS;

    private final PutObject request;
    private String temporary;
    private StorageFile file;
    private RingFile attached;
    private Transfer transfer;
    private ObjectAttribute attribute;
    private boolean syncQueued;
    private boolean synced;
    private int syncErrno;

    PutTask(final Attempt attempt, final PutObject request) {
        super(attempt, request.key(), request.precondition());
        this.request = request;
    }

    @Override
    void advance() {
        if (file == null && !synced) {
            begin();
        }
        if (!ending() && attribute == null && file != null) {
            write();
        }
        if (!ending() && attribute != null && !synced) {
            sync();
        }
        if (!ending() && synced) {
            publish();
        }
    }

    private void begin() {
        if (!worker().mayAttach()) {
            tryAgain();
            return;
        }
        checkEarly();
        if (ending()) {
            return;
        }
        final String name = store().folder().newFile();
        file = store().storage().create(name, Access.BUFFERED);
        temporary = name;
        attached = worker().attach(file);
        transfer = new Transfer(true, request.body(), 0, store().config());
    }

    private void write() {
        operationsQueued(transfer.queue(worker(), this, attached));
        if (!transfer.ended()) {
            if (transfer.wantsRoom()) {
                tryAgain();
            }
            return;
        }
        if (transfer.errno() != 0) {
            throw new StorageException("WRITE", key(), -1, transfer.errno());
        }
        // Summed after the kernel has taken the bytes: what changed under the write is found as well.
        int crc = 0;
        for (final MemorySegment segment : request.body()) {
            crc = Crc32c.update(crc, segment, 0, segment.byteSize());
        }
        if (crc != request.crc32c()) {
            end(Failures.corrupt("the bytes of " + key()
                    + " do not have the checksum that came with them: they were changed on their way, or while they were"
                    + " written"));
            return;
        }
        attribute = worker().newVersion(crc, transfer.totalBytes(), request.stamp());
        file.setAttribute(StoreLayout.ATTRIBUTE, attribute.encode());
    }

    private void sync() {
        if (!syncQueued) {
            syncQueued = worker().ring().sync(attached, worker().token(this, SYNC_OPERATION), 0);
            operationQueued(syncQueued);
        } else if (operationsInFlight() == 0) {
            if (syncErrno != 0) {
                throw new StorageException("FSYNC", key(), -1, syncErrno);
            }
            synced = true;
            closeFile();
        }
    }

    @Override
    void onOperation(final int operation, final int result) {
        if (operation < SYNC_OPERATION) {
            transfer.onCompletion(operation, result);
        } else {
            syncErrno = Math.max(0, -result);
        }
    }

    @Override
    String source() {
        return temporary;
    }

    @Override
    String etag() {
        return attribute.etag();
    }

    @Override
    AttemptResult sourceGone() {
        return Failures.placeGone(store().place());
    }

    @Override
    void onPublished() {
        temporary = null;
    }

    private void closeFile() {
        if (attached != null) {
            worker().detach(attached);
            attached = null;
        }
        if (file != null) {
            file.close();
            file = null;
        }
    }

    @Override
    void release() {
        super.release();
        closeFile();
        if (temporary != null) {
            worker().deleteQuietly(temporary);
        }
    }
}
