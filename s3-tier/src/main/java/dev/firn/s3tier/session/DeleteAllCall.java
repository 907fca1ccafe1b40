package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;
import java.util.ArrayList;
import java.util.List;

/** Removes objects batch after batch: one is in flight at a time, so that a call has no more than its share of requests. */
final class DeleteAllCall extends Call<DeleteOutcome> implements Request.Owner {
    private final List<String> keys;
    private final List<DeleteOutcome.Refused> refused = new ArrayList<>();
    private int done;
    private int batchSize;
    private Request request;

    DeleteAllCall(
            final Conductor conductor,
            final List<String> keys,
            final long timeoutNs,
            final OutcomeHandler<? super DeleteOutcome> handler) {
        super(conductor, timeoutNs, handler);
        this.keys = keys;
    }

    @Override
    void start() {
        if (done == keys.size()) {
            finish(
                    refused.isEmpty()
                            ? new DeleteOutcome.Deleted(done)
                            : new DeleteOutcome.PartlyDeleted(done - refused.size(), refused));
            return;
        }
        batchSize = Math.min(AttemptRequest.MAX_DELETE_BATCH, keys.size() - done);
        request = new Request(
                conductor, new AttemptRequest.DeleteBatch(keys.subList(done, done + batchSize)), deadlineNs(), this);
        request.start();
    }

    @Override
    void stop(final FailureKind why) {
        request.stop(why);
    }

    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        switch (result) {
            case AttemptResult.ObjectsDeleted deleted -> {
                refused.addAll(deleted.refused());
                done += batchSize;
                if (halted() == null || done == keys.size()) {
                    start();
                } else {
                    finish(partly(halted(), "stopped", "", ended));
                }
            }
            case AttemptFailed failure -> finish(partly(failure.kind(), failure.message(), failure.requestId(), ended));
            default -> throw Answers.unfitting("delete of a batch", result);
        }
    }

    private Failed partly(final FailureKind kind, final String message, final String requestId, final Request ended) {
        return new Failed(
                kind,
                Requests.describe(ended.what(), conductor.backend()) + " after " + done + " of " + keys.size() + ": "
                        + message,
                requestId,
                ended.attempts());
    }
}
