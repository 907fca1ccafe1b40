package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.SweepOutcome;
import java.util.ArrayDeque;
import java.util.Queue;

/** Lists the uploads page after page, and aborts those of each page that are old, one after the other. */
final class SweepCall extends Call<SweepOutcome> implements Request.Owner {
    private static final int PAGE = 1_000;

    private final String prefix;
    private final long startedBeforeEpochMs;
    private final Queue<AttemptResult.Upload> stale = new ArrayDeque<>(PAGE);
    private String nextToken;
    private boolean listedAll;
    private int aborted;
    private int stillYoung;
    private Request request;

    SweepCall(
            final Conductor conductor,
            final String prefix,
            final long startedBeforeEpochMs,
            final long timeoutNs,
            final OutcomeHandler<? super SweepOutcome> handler) {
        super(conductor, timeoutNs, handler);
        this.prefix = prefix;
        this.startedBeforeEpochMs = startedBeforeEpochMs;
    }

    @Override
    void start() {
        if (!stale.isEmpty()) {
            final AttemptResult.Upload upload = stale.remove();
            send(new AttemptRequest.AbortUpload(upload.key(), upload.uploadId()));
        } else if (!listedAll) {
            send(new AttemptRequest.ListUploads(prefix, nextToken, PAGE));
        } else {
            finish(new SweepOutcome.Swept(aborted, stillYoung));
        }
    }

    private void send(final AttemptRequest what) {
        request = new Request(conductor, what, deadlineNs(), this);
        request.start();
    }

    @Override
    void stop(final FailureKind why) {
        request.stop(why);
    }

    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        switch (result) {
            case AttemptResult.UploadsListed listed -> take(listed);
            case AttemptResult.UploadAborted gone -> aborted++;
            case AttemptResult.Missing gone -> {
                // Completed or aborted by somebody else meanwhile.
            }
            case AttemptFailed failure -> {
                finish(ended, failure);
                return;
            }
            default -> throw Answers.unfitting("sweep", result);
        }
        if (halted() == null) {
            start();
        } else {
            finish(new Failed(
                    halted(),
                    "sweep of stale uploads below \"" + prefix + "\": stopped after " + aborted,
                    "",
                    ended.attempts()));
        }
    }

    private void take(final AttemptResult.UploadsListed listed) {
        for (final AttemptResult.Upload upload : listed.uploads()) {
            if (upload.startedEpochMs() <= startedBeforeEpochMs) {
                stale.add(upload);
            } else {
                stillYoung++;
            }
        }
        nextToken = listed.nextToken();
        listedAll = nextToken == null;
    }
}
