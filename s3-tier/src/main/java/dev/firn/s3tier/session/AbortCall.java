package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;

/** Gives an upload up: waits until none of its requests is in flight, then removes what the store holds of it. */
final class AbortCall extends Call<DeleteOutcome> implements Request.Owner {
    private final Upload upload;
    private boolean sent;
    private Request request;

    AbortCall(
            final Conductor conductor,
            final Upload upload,
            final long timeoutNs,
            final OutcomeHandler<? super DeleteOutcome> handler) {
        super(conductor, timeoutNs, handler);
        this.upload = upload;
    }

    boolean isSent() {
        return sent;
    }

    @Override
    void start() {
        upload.abortWhenReady(this);
    }

    /** @param what null when the store holds nothing. */
    void send(final AttemptRequest what) {
        sent = true;
        if (isFinished()) {
            return;
        }
        if (what == null) {
            finish(new DeleteOutcome.Deleted(0));
        } else {
            request = new Request(conductor, what, deadlineNs(), this);
            request.start();
        }
    }

    @Override
    void stop(final FailureKind why) {
        if (request != null) {
            request.stop(why);
        } else {
            finish(new Failed(
                    why,
                    "abort of an upload: " + (why == FailureKind.TIMED_OUT ? "the deadline passed" : "cancelled")
                            + " while its requests were being cancelled",
                    "",
                    0));
        }
    }

    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        switch (result) {
            case AttemptResult.UploadAborted aborted -> finish(new DeleteOutcome.Deleted(1));
            case AttemptResult.Missing missing -> finish(new DeleteOutcome.Deleted(0));
            case AttemptFailed failure -> finish(ended, failure);
            default -> throw Answers.unfitting("abort of an upload", result);
        }
    }

    @Override
    void onFinished(final DeleteOutcome outcome) {
        if (outcome instanceof DeleteOutcome.Deleted) {
            upload.abortEnded();
        }
    }
}
