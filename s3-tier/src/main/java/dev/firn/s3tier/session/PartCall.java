package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PartOutcome;
import java.lang.foreign.MemorySegment;

/** One part of an upload. It waits until the upload has begun in the store. */
final class PartCall extends Call<PartOutcome> implements Request.Owner {
    private final Upload upload;
    private final int partNumber;
    private final long offset;
    private final MemorySegment bytes;
    private AttemptRequest.UploadPart what;
    private Request request;
    private AttemptRequest.Part arrived;

    PartCall(
            final Conductor conductor,
            final Upload upload,
            final int partNumber,
            final long offset,
            final MemorySegment bytes,
            final long timeoutNs,
            final OutcomeHandler<? super PartOutcome> handler) {
        super(conductor, timeoutNs, handler);
        this.upload = upload;
        this.partNumber = partNumber;
        this.offset = offset;
        this.bytes = bytes;
    }

    int partNumber() {
        return partNumber;
    }

    long offset() {
        return offset;
    }

    MemorySegment bytes() {
        return bytes;
    }

    /** Null until it has arrived. */
    AttemptRequest.Part arrived() {
        return arrived;
    }

    @Override
    void start() {
        upload.sendPart(this);
    }

    void send(final AttemptRequest.UploadPart part) {
        what = part;
        request = new Request(conductor, part, deadlineNs(), this);
        request.start();
    }

    @Override
    void stop(final FailureKind why) {
        if (request != null) {
            request.stop(why);
        } else {
            finish(new Failed(
                    why,
                    "part " + partNumber + " of an upload: "
                            + (why == FailureKind.TIMED_OUT ? "the deadline passed" : "cancelled")
                            + " before the upload had begun",
                    "",
                    0));
        }
    }

    @Override
    void onFinished(final PartOutcome outcome) {
        upload.partEnded(this, outcome);
    }

    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        switch (result) {
            case AttemptResult.PartWritten written -> {
                arrived = new AttemptRequest.Part(partNumber, written.etag(), bytes.byteSize(), what.crc32c());
                finish(new PartOutcome.PartStored(partNumber, bytes.byteSize()));
            }
            case AttemptResult.Missing missing ->
                finish(new Failed(
                        FailureKind.NO_SUCH_PLACE,
                        Requests.describe(what, conductor.backend()) + ": " + missing.message(),
                        "",
                        ended.attempts()));
            case AttemptFailed failure -> finish(ended, failure);
            default -> throw Answers.unfitting("part", result);
        }
    }
}
