package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.RangeBeyondEnd;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import java.util.List;

/** Reads a range: the file is opened once, and what it was then is what is read, whoever replaces it meanwhile. */
final class GetTask extends Task {
    private final GetRange request;
    private ObjectFile object;
    private RingFile file;
    private Transfer transfer;

    GetTask(final Attempt attempt, final GetRange request) {
        super(attempt);
        this.request = request;
    }

    @Override
    void advance() {
        if (object == null && !worker().mayAttach()) {
            tryAgain();
            return;
        }
        if (object == null && !open()) {
            return;
        }
        operationsQueued(transfer.queue(worker(), this, file));
        if (transfer.ended()) {
            end(read());
        } else if (transfer.wantsRoom()) {
            tryAgain();
        }
    }

    private boolean open() {
        final AttemptFailed doubt = store().doubtful(request.key());
        if (doubt != null) {
            end(doubt);
            return false;
        }
        object = ObjectFile.open(store().storage(), KeyPaths.pathOf(request.key()));
        if (object == null) {
            end(
                    store().isThere()
                            ? new Missing("there is no object " + request.key())
                            : Failures.placeGone(store().place()));
            return false;
        }
        final ObjectFile.Version version = object.version();
        if (version.damage() != null) {
            end(Failures.corrupt(request.key() + " in " + store().place() + ": " + version.damage()));
            return false;
        }
        if (request.etag() != null && !request.etag().equals(version.etag())) {
            end(new ConditionFailed(request.key() + " is " + version.etag() + " now, not " + request.etag()));
            return false;
        }
        if (request.offset() >= version.lengthBytes()) {
            end(new RangeBeyondEnd(version.lengthBytes()));
            return false;
        }
        final long count = Math.min(request.into().byteSize(), version.lengthBytes() - request.offset());
        transfer = new Transfer(false, List.of(request.into().asSlice(0, count)), request.offset(), store().config());
        file = worker().attach(object.file());
        return true;
    }

    private AttemptResult read() {
        final ObjectFile.Version version = object.version();
        if (transfer.errno() != 0) {
            return failure(new StorageException("READ", object.file().name(), request.offset(), transfer.errno()));
        }
        if (transfer.endOfFile()) {
            return Failures.corrupt(
                    request.key() + " in " + store().place() + " ends before its " + version.lengthBytes() + " bytes");
        }
        final long count = transfer.totalBytes();
        if (version.crc32c() != null
                && count == version.lengthBytes()
                && Crc32c.compute(request.into(), 0, count) != version.crc32c()) {
            return Failures.corrupt(request.key() + " in " + store().place() + ": its " + count
                    + " bytes do not have the checksum" + " that they were written with");
        }
        return new RangeRead(count, version.lengthBytes(), version.etag(), version.stamp());
    }

    @Override
    void onOperation(final int operation, final int result) {
        transfer.onCompletion(operation, result);
    }

    @Override
    AttemptResult failure(final StorageException e) {
        final AttemptFailed failure = store().failure(e);
        // Another read of the same place may go through, and harms nothing.
        return failure.kind() == FailureKind.STORE_ERROR
                ? Failures.of(failure.kind(), Effect.NONE, Retry.LATER, failure.message())
                : failure;
    }

    @Override
    AttemptResult cancellation() {
        return Failures.cancelled("the read of " + request.key());
    }

    @Override
    void release() {
        if (file != null) {
            worker().detach(file);
        }
        if (object != null) {
            object.file().close();
        }
    }
}
