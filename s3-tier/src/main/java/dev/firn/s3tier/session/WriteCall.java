package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;

/**
 * A write of an object, in one piece or by completing an upload, until it is known what became of it.
 *
 * <p>As long as every attempt ended with a definite answer, that answer is the outcome. After one that may have taken effect, a
 * conditional write asks the store what is there ({@link WriteEvidence}), and is sent again with the same name and the same
 * condition when it has not taken effect yet: of all its copies, the condition lets in at most one. An unconditional put needs
 * no asking: it is sent again until an attempt is answered.
 *
 * <p>What may have taken effect never ends as {@link Failed}, only as {@link PutOutcome.Unknown} when the time, the attempts
 * or the trace ends before it is found out.
 */
final class WriteCall extends Call<PutOutcome> implements Request.Owner {
    private final String key;
    private final WriteName name;
    private final Upload upload;

    /** Null until it is sent: an upload's completion waits for the parts. */
    private Request write;

    /** Null as long as nothing is asked. */
    private Request question;

    /**
     * What the store said when nothing else speaks for the write having taken effect: it is believed unless the object that
     * is there bears the write's name.
     */
    private PutOutcome refusal;

    private boolean countedAmbiguous;
    private boolean uploadIsGone;

    /** @param upload null for a put. */
    WriteCall(
            final Conductor conductor,
            final String key,
            final WriteName name,
            final Upload upload,
            final AttemptRequest put,
            final long timeoutNs,
            final OutcomeHandler<? super PutOutcome> handler) {
        super(conductor, timeoutNs, handler);
        this.key = key;
        this.name = name;
        this.upload = upload;
        this.write = put == null ? null : request(put);
    }

    @Override
    void start() {
        if (upload == null) {
            write.start();
        } else {
            upload.completeWhenReady(this);
        }
    }

    boolean isSent() {
        return write != null;
    }

    /** Sends what completes the upload. */
    void send(final AttemptRequest what) {
        write = request(what);
        write.start();
    }

    @Override
    void stop(final FailureKind why) {
        if (question != null) {
            question.stop(why);
        } else if (write != null) {
            write.stop(why);
        } else {
            finish(new Failed(
                    why,
                    "completion of the upload of " + conductor.addressOf(key) + ": "
                            + (why == FailureKind.TIMED_OUT ? "the deadline passed" : "cancelled")
                            + " while parts were on their way",
                    "",
                    0));
        }
    }

    @Override
    void onFinished(final PutOutcome outcome) {
        if (countedAmbiguous && !(outcome instanceof PutOutcome.Unknown)) {
            conductor.counters().ambiguityResolved();
        }
        if (upload != null) {
            upload.completionEnded(outcome);
        }
    }

    @Override
    public void onEnded(final Request ended, final AttemptResult result) {
        if (write.effectIsUnknown() && !countedAmbiguous) {
            countedAmbiguous = true;
            conductor.counters().writeBecameAmbiguous();
        }
        if (ended == write) {
            onWriteEnded(result);
        } else {
            question = null;
            onQuestionAnswered(ended, result);
        }
    }

    private void onWriteEnded(final AttemptResult result) {
        final boolean ambiguous = write.effectIsUnknown();
        switch (result) {
            case AttemptResult.ObjectWritten written ->
                finish(new PutOutcome.Stored(new ObjectVersion(written.etag(), name.stamp()), false));
            case AttemptResult.ConditionFailed refused -> {
                refusal = ambiguous ? null : new PutOutcome.PreconditionFailed(refused.message());
                ask(0, refused.message());
            }
            case AttemptResult.Missing missing -> {
                uploadIsGone = true;
                refusal = ambiguous ? null : failed(write, definite(FailureKind.NO_SUCH_PLACE, missing.message()));
                ask(0, missing.message());
            }
            case AttemptFailed failure when !ambiguous -> finish(write, failure);
            case AttemptFailed failure -> {
                if (name.isConditional()) {
                    ask(pauseNs(failure), failure.message());
                } else {
                    finishUnknown(write, failure);
                }
            }
            default -> throw Answers.unfitting("write", result);
        }
    }

    /** Asks what is there now; or gives up when the call is to end. */
    private void ask(final long pauseNs, final String message) {
        if (halted() != null) {
            finishUnknown(write, definite(halted(), message));
            return;
        }
        question = new Request(conductor, new AttemptRequest.HeadObject(key), deadlineNs(), this).waitingForCircuit();
        question.startAfter(pauseNs);
    }

    private void onQuestionAnswered(final Request asked, final AttemptResult result) {
        final ObjectFound found;
        switch (result) {
            case ObjectFound object -> found = object;
            case AttemptResult.Missing missing -> found = null;
            case AttemptFailed failure -> {
                finishUnknown(asked, failure);
                return;
            }
            default -> throw Answers.unfitting("head", result);
        }
        switch (WriteEvidence.judge(name.condition(), name.name(), found)) {
            case WON -> finish(new PutOutcome.Stored(new ObjectVersion(found.etag(), name.stamp()), false));
            case OVERTAKEN -> finish(new PutOutcome.Stored(ObjectVersion.replaced(name.stamp()), true));
            case LOST ->
                finish(new PutOutcome.PreconditionFailed("another write took the place of this one: "
                        + conductor.addressOf(key) + " has " + found.etag()));
            case NOT_YET -> {
                if (refusal == null) {
                    sendAgain();
                } else {
                    finish(refusal);
                }
            }
            case NO_TRACE -> finishWithoutTrace(found);
        }
    }

    private void finishWithoutTrace(final ObjectFound found) {
        // A refused completion is not believed when something else is there: its first copy may have been overwritten.
        if (refusal != null && (!uploadIsGone || found == null)) {
            finish(refusal);
            return;
        }
        final String there = found == null ? "there is no object now, which" : "what is there now";
        finishUnknown(
                write, definite(lastKind(), lastMessage() + "; " + there + " does not tell whether it took effect"));
    }

    private void sendAgain() {
        if (halted() == null && !uploadIsGone && write.tryAgain()) {
            return;
        }
        final FailureKind kind = halted() == null ? lastKind() : halted();
        finishUnknown(write, definite(kind, "it has not taken effect, and still may"));
    }

    private void finishUnknown(final Request request, final AttemptFailed cause) {
        finish(new PutOutcome.Unknown(failed(request, cause)));
    }

    private FailureKind lastKind() {
        return write.lastFailure() == null
                ? FailureKind.NO_SUCH_PLACE
                : write.lastFailure().kind();
    }

    private String lastMessage() {
        return write.lastFailure() == null
                ? "the store does not know the upload"
                : write.lastFailure().message();
    }

    /**
     * At once, before others replace what tells; unless the store asks to slow down, and there is time for that.
     */
    private long pauseNs(final AttemptFailed failure) {
        if (failure.kind() != FailureKind.THROTTLED && failure.retryAfterNs() == 0) {
            return 0;
        }
        final long pauseNs = conductor.backoff().pauseNs(Math.max(1, write.attempts()), failure.retryAfterNs());
        return conductor.nowNs() + pauseNs - deadlineNs() < 0 ? pauseNs : 0;
    }

    private static AttemptFailed definite(final FailureKind kind, final String message) {
        return new AttemptFailed(kind, Effect.NONE, Retry.NEVER, 0, message, "");
    }

    private Request request(final AttemptRequest what) {
        final Request request = new Request(conductor, what, deadlineNs(), this).waitingForCircuitWhenEffectIsUnknown();
        return name.isConditional() ? request.endingWhenEffectIsUnknown() : request;
    }
}
